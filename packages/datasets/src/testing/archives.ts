import { gzipSync } from 'node:zlib';
import { zipBytes } from './write-formats.js';

/** A tar of plain files: 512-byte headers with an octal size and checksum, contents padded to blocks, two empty blocks. */
export function tarOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([path, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function tgzOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return gzipSync(tarOf(files));
}

/** A zip of deflated files. */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipBytes(
    Object.entries(files).map(([name, bytes]) => ({ name, bytes })),
    true,
  );
}
