import { useEffect, useState } from 'react'
import type { Picture } from '../picture.ts'

/** The newest picture from the server, which sends only the parts of it that changed; and whether the stream of them is up. */
export function usePicture(): { picture: Picture | undefined; live: boolean } {
  const [picture, setPicture] = useState<Picture>()
  const [live, setLive] = useState(false)
  useEffect(() => {
    const stream = new EventSource('/api/pictures')
    stream.onmessage = ({ data }) => {
      const changed = JSON.parse(data) as Picture
      setPicture((before) => ({ ...before, ...changed }))
      setLive(true)
    }
    stream.onerror = () => setLive(false)
    return () => stream.close()
  }, [])
  return { picture, live }
}

/** World time now, in milliseconds since the epoch, ticking a few times a second. */
export function useWorldTime({ anchorWall, anchorWorld, scale }: Picture['clock']): number {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 250)
    return () => clearInterval(timer)
  }, [])
  return scale === 0 ? anchorWorld : anchorWorld + (Date.now() - anchorWall) * scale
}

/** Asks the server to do something; answers why it was not done, if it was not. */
export async function act(what: string, body: object): Promise<string | undefined> {
  const response = await fetch(`/api/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.ok ? undefined : response.text()
}

/** One act at a time: whether one is under way, why the last one was not done, and the way to ask, which says if it was. */
export function useActs() {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const ask = async (what: string, body: object) => {
    setBusy(true)
    const why = await act(what, body).catch(() => 'The rehearsal does not answer.')
    setFault(why)
    setBusy(false)
    return why === undefined
  }
  return { busy, fault, ask }
}
