import { crc32, deflateRawSync } from 'node:zlib'

type Entry = { readonly name: string; readonly data: Uint8Array }

/** A plain file that everybody may read: Lambda runs as another user than the one who owns it. */
const MODE = 0o100644
/** 1 January 1980, the earliest a zip can say: the same files make the same bytes whenever they are packed. */
const DAY_ONE = 0x0021

/** A zip file with the entries in the order of their names; the same entries always make the same bytes. */
export function zip(entries: readonly Entry[]): Buffer {
  const packed = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(pack)
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, header, data } of packed) {
    const body = Buffer.concat([local(header), name, data])
    bodies.push(body)
    directory.push(central(header, offset), name)
    offset += body.length
  }
  const listed = Buffer.concat(directory)
  return Buffer.concat([...bodies, listed, end(packed.length, listed.length, offset)])
}

function pack({ name: text, data: plain }: Entry) {
  const name = Buffer.from(text)
  const data = deflateRawSync(plain, { level: 9 })
  const header = Buffer.alloc(26)
  header.writeUInt16LE(20, 0)
  header.writeUInt16LE(0x0800, 2)
  header.writeUInt16LE(8, 4)
  header.writeUInt16LE(0, 6)
  header.writeUInt16LE(DAY_ONE, 8)
  header.writeUInt32LE(crc32(plain), 10)
  header.writeUInt32LE(data.length, 14)
  header.writeUInt32LE(plain.length, 18)
  header.writeUInt16LE(name.length, 22)
  return { name, header, data }
}

const signed = (signature: number, rest: Buffer): Buffer => {
  const start = Buffer.alloc(4)
  start.writeUInt32LE(signature)
  return Buffer.concat([start, rest])
}

const local = (header: Buffer): Buffer => signed(0x04034b50, header)

function central(header: Buffer, offset: number): Buffer {
  const madeBy = Buffer.alloc(2)
  madeBy.writeUInt16LE((3 << 8) | 20)
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE((MODE << 16) >>> 0, 6)
  rest.writeUInt32LE(offset, 10)
  return signed(0x02014b50, Buffer.concat([madeBy, header, rest]))
}

function end(entries: number, size: number, offset: number): Buffer {
  const rest = Buffer.alloc(18)
  rest.writeUInt16LE(entries, 4)
  rest.writeUInt16LE(entries, 6)
  rest.writeUInt32LE(size, 8)
  rest.writeUInt32LE(offset, 12)
  return signed(0x06054b50, rest)
}
