import { crc32 } from 'node:zlib';

/** Builds a ZIP archive with one file, uncompressed. */
export function zipOf(name: string, text: string): Uint8Array {
  const data = Buffer.from(text);
  const file = Buffer.from(name);
  const shared = Buffer.concat([
    numbers([20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2]),
    numbers([crc32(data), 4], [data.length, 4], [data.length, 4], [file.length, 2], [0, 2]),
  ]);
  const local = Buffer.concat([numbers([0x04034b50, 4]), shared, file, data]);
  const readableByAll = 0o100644 * 0x10000;
  const directory = Buffer.concat([
    numbers([0x02014b50, 4], [0x0314, 2]),
    shared,
    numbers([0, 2], [0, 2], [0, 2], [readableByAll, 4], [0, 4]),
    file,
  ]);
  const end = numbers(
    [0x06054b50, 4],
    [0, 4],
    [1, 2],
    [1, 2],
    [directory.length, 4],
    [local.length, 4],
    [0, 2],
  );
  return Buffer.concat([local, directory, end]);
}

/** Encodes little-endian numbers of the given sizes. */
function numbers(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  return Buffer.concat(
    values.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );
}
