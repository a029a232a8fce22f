/** Numbers in [0, 1) that depend on the text alone: FNV-1a into mulberry32. */
export function random(text: string): () => number {
  let state = fnv(text)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Hexadecimal digits that depend on the text alone, as AWS puts into its ids. */
export function hex(text: string, length: number): string {
  const next = random(text)
  return Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('')
}

function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
