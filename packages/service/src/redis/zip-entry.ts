import { inflateRawSync } from 'node:zlib';
import { EngramError } from '@engram/domain';

const endOfDirectory = 0x06054b50;
const directoryHeader = 0x02014b50;
const localHeader = 0x04034b50;

/**
 * One file out of a zip archive held in memory (a Python wheel of a few megabytes). Stored and deflated entries;
 * no encryption, no zip64: an archive that uses them is refused.
 *
 * @param wanted says of a path in the archive whether it is the one.
 * @param limitBytes how large the entry may become: what the archive claims is checked before anything is unpacked.
 * @throws ENG_FILE_UNREADABLE no such entry, or not a plain zip archive. ENG_ARCHIVE_UNSAFE larger than the limit.
 */
export function readZipEntry(archive: Buffer, wanted: (path: string) => boolean, limitBytes: number): Buffer {
  const unreadable = (what: string): EngramError => new EngramError('ENG_FILE_UNREADABLE', `zip archive: ${what}`);
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end === -1 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory)
    throw unreadable('no directory at its end; the file is cut short or no archive');
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryHeader)
      throw unreadable('its directory is damaged');
    const flags = archive.readUInt16LE(at + 8);
    const method = archive.readUInt16LE(at + 10);
    const packedBytes = archive.readUInt32LE(at + 20);
    const sizeBytes = archive.readUInt32LE(at + 24);
    const nameBytes = archive.readUInt16LE(at + 28);
    const offset = archive.readUInt32LE(at + 42);
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (!wanted(path)) continue;
    if (sizeBytes > limitBytes)
      throw new EngramError('ENG_ARCHIVE_UNSAFE', `zip entry of ${sizeBytes} bytes, at most ${limitBytes} expected`);
    if (
      (flags & 1) !== 0 ||
      (method !== 0 && method !== 8) ||
      offset + 30 > archive.length ||
      archive.readUInt32LE(offset) !== localHeader
    )
      throw unreadable('the entry is encrypted, packed in an unknown way, or damaged');
    const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
    const packed = archive.subarray(start, start + packedBytes);
    const bytes = method === 0 ? Buffer.from(packed) : inflateRawSync(packed, { maxOutputLength: limitBytes });
    if (bytes.length !== sizeBytes) throw unreadable(`expected an entry of ${sizeBytes} bytes, got ${bytes.length}`);
    return bytes;
  }
  throw unreadable('the entry looked for is not in it');
}
