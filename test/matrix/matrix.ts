import { afterAll, describe, expect, it } from 'vitest'
import { type Cell, lineOf, playAll, type Row } from './cells.ts'

/**
 * A test for each second cell (`MATRIX=all`: for each), all of them played side by side, and a table of how they went.
 */
export function matrix(title: string, all: readonly Cell[]): void {
  const cells = process.env.MATRIX === 'all' ? all : all.filter((_, index) => index % 2 === 0)
  describe(title, () => {
    const played = playAll(cells)
    const rows: Row[] = []
    afterAll(() => {
      console.log(rows.map(lineOf).join('\n'))
    })
    it.each(cells)(
      '$at, $name: ends well, or stands at a question with the truth',
      { timeout: 180_000 },
      async (cell) => {
        const row = (await played.get(cell)) as Row
        rows.push(row)
        expect(row.wrong).toEqual([])
      },
    )
  })
}
