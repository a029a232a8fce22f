import type { Picture, Side } from '../picture.ts'
import { Calls } from './calls.tsx'
import { Customers } from './customers.tsx'
import { Faults } from './faults.tsx'
import { Region } from './region.tsx'

const sides: readonly Side[] = ['home', 'dr']

/** The simulated world: the two regions, the customers, and the buttons that break things. */
export function World({ picture }: { picture: Picture }) {
  return (
    <section className="world">
      <Faults picture={picture} />
      <div className="customers">
        {picture.apps.map((app) => (
          <Customers key={app.name} app={app} clock={picture.clock} />
        ))}
      </div>
      <div className="regions">
        {sides.map((side) => (
          <Region key={side} side={side} picture={picture} />
        ))}
      </div>
      <Calls calls={picture.calls} />
    </section>
  )
}
