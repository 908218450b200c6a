import { Command, Option } from 'commander';
import { doctor } from './commands/doctor.js';
import { serve } from './commands/serve.js';
import { setup } from './commands/setup.js';
import { tellAndExit } from './tell.js';

const program = new Command('engram')
  .description('Audits what a trained model has memorised, who could get it out, and how hard it would be to remove.')
  .showHelpAfterError();

program
  .command('serve')
  .description('run the whole service here: API, one worker, and, unless named by the environment, Redis and database')
  .option('--port <number>', 'where to listen (ENGRAM_PORT, default 7373; 0 = any free port)')
  .option(
    '--host <address>',
    'address to listen on (ENGRAM_HOST, default 127.0.0.1); any other than loopback needs keys',
  )
  .option('--data <folder>', 'artifacts, embedded database and Redis (ENGRAM_DATA_DIR, default .engram)')
  .option('--workers <number>', 'worker processes to start', '1')
  .action((options) => serve(options).catch(tellAndExit));

program
  .command('setup')
  .description('take and build the native parts: the TensorFlow library and, when none is installed, a Redis server')
  .addOption(
    new Option('--device <device>', 'cpu or cuda; auto takes CUDA where an NVIDIA device is').choices([
      'auto',
      'cpu',
      'cuda',
    ]),
  )
  .option('--without-redis', 'leave the Redis server out: one is reached by REDIS_URL')
  .option('--quiet-when-done', 'say nothing when there is nothing to do')
  .action((options) => setup(options).catch(tellAndExit));

program
  .command('doctor')
  .description('say what is in use, what is missing and the command that repairs it')
  .option('--json', 'as JSON')
  .action((options) => doctor(options).catch(tellAndExit));

await program.parseAsync();
