import { useEffect, useRef, useState } from 'react'
import type { Message } from '../../slack/room.ts'
import type { Picture } from '../picture.ts'
import { Composer } from './composer.tsx'
import { ChannelMessage } from './message.tsx'
import { Modal } from './modal.tsx'

export type ChannelPicture = NonNullable<Picture['channel']>

/** The incident channel as the chosen person sees it. */
export function Channel({ channel }: { channel: ChannelPicture }) {
  const [meId, setMeId] = useState(channel.people[0]?.id ?? '')
  const mine = channel.messages.filter(({ to }) => to === undefined || to === meId)
  const top = mine.filter(
    ({ thread_ts, ts, reply_broadcast }) => !thread_ts || thread_ts === ts || reply_broadcast,
  )
  const list = useStayAtEnd()
  const desk = channel.desks[meId]
  return (
    <section className="channel">
      <header>
        <h1># {channel.name}</h1>
        <span>the incident channel · {channel.people.length + 1} members</span>
      </header>
      <div className="messages" ref={list}>
        <div>
          {top.length === 0 && <Welcome />}
          {top.map((message) => (
            <ChannelMessage
              key={message.ts}
              message={message}
              replies={repliesTo(message, mine)}
              channel={channel}
              me={meId}
            />
          ))}
        </div>
      </div>
      <Composer channel={channel} me={meId} onChoose={setMeId} />
      {desk && <Modal key={desk.view.id} desk={desk} me={meId} channel={channel} />}
    </section>
  )
}

/** The thread under a message, without what was said to the whole channel: that stands there. */
const repliesTo = (message: Message, all: readonly Message[]) =>
  all.filter(
    ({ thread_ts, ts, reply_broadcast }) => thread_ts === message.ts && ts !== message.ts && !reply_broadcast,
  )

function Welcome() {
  return (
    <div className="welcome">
      <h2>It is three in the morning.</h2>
      <p>
        Two regions, two applications, one channel. Ask how things are with <code>/dr status</code>; then make
        the home region go dark on the right, and carry an application over with{' '}
        <code>/dr failover orders</code>. Somebody else than the one who asked has to approve: change who you
        are below.
      </p>
    </div>
  )
}

/** Keeps a scrolled list at its end as its one child grows, unless the reader has scrolled up. */
function useStayAtEnd() {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = list.current
    const child = element?.firstElementChild
    if (!element || !child) return
    let atEnd = true
    let height = element.scrollHeight
    const remember = () => {
      // A scroll that comes with another height is the browser's own, not the reader's.
      if (element.scrollHeight !== height) return
      atEnd = height - element.scrollTop - element.clientHeight < 80
    }
    const follow = new ResizeObserver(() => {
      height = element.scrollHeight
      if (atEnd) element.scrollTop = height
    })
    element.addEventListener('scroll', remember, { passive: true })
    follow.observe(child)
    follow.observe(element)
    return () => {
      element.removeEventListener('scroll', remember)
      follow.disconnect()
    }
  }, [])
  return list
}
