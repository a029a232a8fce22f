import type { CallPicture } from '../picture.ts'

/** What was asked of the simulated AWS that changes something, newest first. */
export function Calls({ calls }: { calls: readonly CallPicture[] }) {
  return (
    <article className="calls">
      <h3>Changes asked of AWS</h3>
      {calls.length === 0 && <p>None since the rehearsal was started: the bot has only looked.</p>}
      <ol>
        {calls.toReversed().map(({ number, at, region, service, operation, outcome }) => (
          <li key={number}>
            <time>{new Date(at).toISOString().slice(11, 19)}</time>
            <b>{operation}</b>
            <span>
              {service} · {region}
            </span>
            <em className={outcome === 'ok' ? 'ok' : 'bad'}>{outcome}</em>
          </li>
        ))}
      </ol>
    </article>
  )
}
