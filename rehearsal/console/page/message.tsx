import type { Button, KnownBlock } from '@slack/types'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Block, Message as Blocks } from 'slack-blocks-to-jsx'
import type { Message } from '../../slack/room.ts'
import type { ChannelPicture } from './channel.tsx'
import { Avatar } from './composer.tsx'
import { Confirm } from './confirm.tsx'
import { drawEmoji } from './emoji.tsx'
import { act } from './use-picture.ts'

type Props = { message: Message; channel: ChannelPicture; me: string }

/** One message of the channel with its thread under it. */
export function ChannelMessage({ replies, ...props }: Props & { replies: readonly Message[] }) {
  return (
    <article className="post" data-ts={props.message.ts}>
      <Said {...props} />
      {replies.length > 0 && <Thread {...props} replies={replies} />}
    </article>
  )
}

const shownAtOnce = 4

function Thread({ replies, channel, me }: Props & { replies: readonly Message[] }) {
  const [whole, setWhole] = useState(false)
  const hidden = whole ? 0 : Math.max(0, replies.length - shownAtOnce)
  return (
    <div className="thread">
      {hidden > 0 && (
        <button type="button" className="more" onClick={() => setWhole(true)}>
          Show {hidden} earlier {hidden === 1 ? 'reply' : 'replies'}
        </button>
      )}
      {replies.slice(hidden).map((reply, place, shown) => (
        <Said
          key={reply.ts}
          message={reply}
          channel={channel}
          me={me}
          goesOn={follows(reply, shown[place - 1])}
        />
      ))}
    </div>
  )
}

/** Whether a message continues the one before it: same author, same reader, within five minutes. */
function follows(message: Message, before: Message | undefined): boolean {
  const near = before !== undefined && Number(message.ts) - Number(before.ts) < 300
  return near && before.user === message.user && before.to === message.to
}

function Said({ message, channel, me, goesOn = false }: Props & { goesOn?: boolean }) {
  const isBot = message.user === channel.botUser
  const person = channel.people.find(({ id }) => id === message.user)
  const name = isBot ? 'Understudy' : (person?.name ?? 'Slackbot')
  if (goesOn)
    return (
      <div className="said goes-on" data-ts={message.ts}>
        <i className="avatar none" />
        <div className="body">
          <Rendered message={message} channel={channel} me={me} />
        </div>
      </div>
    )
  return (
    <div className={`said ${message.to ? 'whisper' : ''}`} data-ts={message.ts}>
      {isBot ? <i className="avatar bot">U</i> : <Avatar name={name} id={message.user} />}
      <div className="body">
        <div className="byline">
          <b>{name}</b>
          {isBot && <em>APP</em>}
          <time>{new Date(Number(message.ts) * 1000).toISOString().slice(11, 16)}</time>
          {message.to && <span>Only visible to you</span>}
        </div>
        <Rendered message={message} channel={channel} me={me} />
      </div>
    </div>
  )
}

type Clicked = { button: Button; blockId: string }

function Rendered({ message, channel, me }: Props) {
  const [asking, setAsking] = useState<Clicked>()
  const drawn = useRef<HTMLDivElement>(null)
  const blocks = useMemo(() => shown(message), [message])
  const deliver = useCallback(
    ({ button, blockId }: Clicked) => {
      setAsking(undefined)
      void act('click', { as: me, ts: message.ts, blockId, button })
    },
    [me, message.ts],
  )
  useEffect(() => {
    const element = drawn.current
    const hear = (event: Event) => {
      const clicked = element && buttonOf(event.target, element, message.blocks ?? [])
      if (clicked?.button.confirm) setAsking(clicked)
      else if (clicked) deliver(clicked)
    }
    element?.addEventListener('click', hear)
    return () => element?.removeEventListener('click', hear)
  }, [message, deliver])
  const ask = asking?.button.confirm
  return (
    <>
      <div className="blocks" ref={drawn}>
        {blocks.length > 0 && <SlackBlocks blocks={blocks} channel={channel} />}
        {message.files?.map(({ name, size }) => (
          <p key={name} className="file">
            <b>{name}</b> <small>{Math.ceil(size / 1024)} KiB</small>
          </p>
        ))}
      </div>
      {asking && ask && (
        <Confirm confirm={ask} onConfirm={() => deliver(asking)} onDeny={() => setAsking(undefined)} />
      )}
    </>
  )
}

/** Blocks as Slack draws them, with the channel's people named. */
export function SlackBlocks({ blocks, channel }: { blocks: readonly KnownBlock[]; channel: ChannelPicture }) {
  const data = {
    users: [
      ...channel.people.map(({ id, name }) => ({ id, name })),
      { id: channel.botUser, name: 'Understudy' },
    ],
    channels: [{ id: channel.id, name: channel.name }],
    user_groups: [],
  }
  return (
    <Blocks
      theme="light"
      logo=""
      name=""
      withoutWrapper
      blocks={blocks as unknown as Block[]}
      data={data}
      hooks={{ emoji: drawEmoji }}
    />
  )
}

/** A message's blocks, or its text as one; confirmations are drawn by us. */
function shown({ blocks, text }: Message): readonly KnownBlock[] {
  if (!blocks?.length && !text) return []
  if (!blocks?.length) return [{ type: 'section', text: { type: 'mrkdwn', text } }]
  const parsed = JSON.parse(JSON.stringify(blocks), (key, value) => (key === 'confirm' ? undefined : value))
  return parsed as KnownBlock[]
}

/** The button that was clicked: drawn ones carry only their action id, so equal ids are told apart by their order. */
function buttonOf(
  target: EventTarget | null,
  within: HTMLElement,
  blocks: readonly KnownBlock[],
): Clicked | undefined {
  const drawn = (target as HTMLElement).closest('button.slack_blocks_to_jsx__button_element')
  if (!drawn) return undefined
  const alike = [...within.querySelectorAll(`button[id="${CSS.escape(drawn.id)}"]`)]
  return buttonsIn(blocks).filter(({ button }) => button.action_id === drawn.id)[alike.indexOf(drawn)]
}

function buttonsIn(blocks: readonly object[], under = ''): Clicked[] {
  return blocks.flatMap((block) => {
    const fields = block as Record<string, unknown> & { block_id?: string }
    if (fields.type === 'button') return [{ button: block as Button, blockId: under }]
    const inside = ['elements', 'accessory', 'actions', 'child_blocks'].flatMap((key) => fields[key] ?? [])
    return buttonsIn(inside as object[], fields.block_id ?? under)
  })
}
