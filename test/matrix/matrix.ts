import { afterAll, describe, expect, it } from 'vitest'
import { type Cell, lineOf, playAll, type Row } from './cells.ts'

/** A test for each cell, all of them played side by side, and a table of how they went. */
export function matrix(title: string, cells: readonly Cell[]): void {
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
