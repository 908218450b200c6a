import { verdicts } from '@engram/domain';
import { z } from 'zod';

export const verdict = z.enum(verdicts).meta({ id: 'Verdict' });
