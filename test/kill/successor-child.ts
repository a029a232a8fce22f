import { readFileSync } from 'node:fs'
import { Life } from './play.ts'
import { stories } from './stories.ts'
import { toTheEnd } from './telling.ts'
import type { Errand } from './theatre.ts'

/** Goes on in the folders it is told of, where other processes died, and answers how those nights ended. */
const plans = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))

process.on('message', async ({ name, folder }: Errand) => {
  const life = await Life.begin({ story: stories[name], plans, folder })
  process.send?.({ folder, told: await toTheEnd(life, name) })
})
process.on('disconnect', () => process.exit())
