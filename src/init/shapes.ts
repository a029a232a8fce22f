import type { Thing } from './facts.ts'
import { regionInName, wordsOf } from './names.ts'

/** Where a value stands: the words of the names that lead to it, and what is known of its region. */
export type Setting = {
  readonly words: readonly string[]
  /** The region of its side; absent where nothing tells. */
  readonly region?: string
}
/** `needs-region`: it looks like a name of something, and nothing says in which region. */
export type Recognised = readonly Thing[] | 'needs-region'

type Reader = (match: RegExpExecArray, at: Setting) => Recognised

/** The region that a value names itself; undefined for what has none. */
export const regionOf = (text: string): string | undefined =>
  /^arn:aws[\w-]*:[\w-]+:([a-z]{2}(?:-[a-z]+)+-\d):/.exec(text)?.[1] ??
  /\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:elb\.|rds\.)?amazonaws\.com(?:\.cn)?$/.exec(text)?.[1] ??
  /^[^/]+\.elb\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/.exec(text)?.[1]

const has = ({ words }: Setting, ...any: readonly string[]) => any.some((word) => words.includes(word))
const account = (id: string): Thing => ({ kind: 'account', use: 'workload', id })

/** A value that says by itself what it is. */
const shapes: readonly (readonly [RegExp, Reader])[] = [
  [
    /^arn:aws[\w-]*:rds::(\d{12}):global-cluster:([\w-]+)$/,
    ([, id = '', name = '']) => [account(id), { kind: 'global-cluster', id: name }],
  ],
  [
    /^arn:aws[\w-]*:rds:([\w-]+):(\d{12}):cluster:([\w-]+)$/,
    ([, region = '', id = '', name = '']) => [
      account(id),
      { kind: 'db-cluster', region, id: name, account: id },
    ],
  ],
  [
    /^arn:aws[\w-]*:ecs:([\w-]+):(\d{12}):service\/([^/]+)\/([^/]+)$/,
    ([, region = '', id = '', cluster = '', name = '']) => [
      account(id),
      { kind: 'service', region, cluster, name },
    ],
  ],
  [
    /^arn:aws[\w-]*:ecs:([\w-]+):(\d{12}):cluster\/([^/]+)$/,
    ([, region = '', id = '', name = '']) => [account(id), { kind: 'ecs-cluster', region, name }],
  ],
  [
    /^arn:aws[\w-]*:elasticloadbalancing:([\w-]+):(\d{12}):targetgroup\/.+$/,
    ([arn, region = '', id = '']) => [account(id), { kind: 'group', region, arn }],
  ],
  [
    /^arn:aws[\w-]*:elasticloadbalancing:([\w-]+):(\d{12}):listener\/app\/.+$/,
    ([arn, region = '', id = '']) => [account(id), { kind: 'listener', region, arn }],
  ],
  [
    /^arn:aws[\w-]*:cloudwatch:([\w-]+):\d{12}:alarm:(.+)$/,
    ([, region = '', name = '']) => [{ kind: 'alarm', region, name }],
  ],
  [
    /^arn:aws[\w-]*:kms:([\w-]+):\d{12}:(?:key|alias)\/.+$/,
    ([arn, region = '']) => [{ kind: 'key', region, arn }],
  ],
  [
    /^arn:aws[\w-]*:codebuild:([\w-]+):\d{12}:project\/(.+)$/,
    ([, region = '', name = '']) => [{ kind: 'build', region, name }],
  ],
  [/^arn:aws[\w-]*:route53:::hostedzone\/(Z[A-Z0-9]+)$/, ([, id = '']) => [{ kind: 'zone', id }]],
  [/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, role],
  [/^Z[A-Z0-9]{8,31}$/, zone],
  [
    /^(?!internal-)[\w-]+(?:\.[a-z0-9-]+\.elb|\.elb\.[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/,
    ([dnsName]) => [{ kind: 'balancer', region: regionOf(dnsName) ?? '', dnsName }],
  ],
  [
    /^d-[\w-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/,
    ([dnsName, region = '']) => [{ kind: 'domain', region, dnsName }],
  ],
  [
    /^([\w-]+)\.global-\w+\.global\.rds\.amazonaws\.com$/,
    ([endpoint, id = '']) => [{ kind: 'global-cluster', id, endpoint }],
  ],
  [
    /^([\w-]+)\.cluster-(?:ro-)?\w+\.([a-z0-9-]+)\.rds\.amazonaws\.com(?:\.cn)?$/,
    ([, id = '', region = '']) => [{ kind: 'db-cluster', region, id }],
  ],
  [/^https?:\/\/\S+$/, url],
]

/** A role is a plan's only when its names say so: applications have many. */
function role([arn]: RegExpExecArray, at: Setting): Recognised {
  const words = [...at.words, ...wordsOf(arn.split('/').at(-1) ?? '')]
  if (!has({ words }, 'understudy')) return []
  if (has({ words }, 'deletion', 'delete')) return [{ kind: 'role', use: 'deletion', arn }]
  if (has({ words }, 'dns', 'route53', 'zone')) return [{ kind: 'role', use: 'dns', arn }]
  return [{ kind: 'role', use: 'workload', arn }]
}

/** Load balancers and API Gateway have hosted zones of their own, which are no zones of the application. */
function zone([id]: RegExpExecArray, at: Setting): Recognised {
  const ofDomain = has(at, 'gateway', 'apigateway', 'apigatewayv2', 'api', 'regional', 'domain')
  const ofBalancer = has(at, 'lb', 'alb', 'nlb', 'elb', 'balancer')
  if (!ofDomain && !ofBalancer) return [{ kind: 'zone', id }]
  if (!at.region) return 'needs-region'
  return [{ kind: 'target-zone', region: at.region, of: ofBalancer ? 'balancer' : 'domain', id }]
}

/** An address with a password in it is nobody's to write down. */
function url([text]: RegExpExecArray, at: Setting): Recognised {
  if (!URL.canParse(text)) return []
  const { username, password, hostname, pathname } = new URL(text)
  const words = [...at.words, ...wordsOf(pathname)]
  const use = has({ words }, 'heartbeat')
    ? 'heartbeat'
    : has({ words }, 'health', 'healthz', 'healthcheck', 'probe', 'ping', 'status')
      ? 'probe'
      : undefined
  if (username || password || !use) return []
  const region = regionInName(hostname) ?? at.region
  return region ? [{ kind: 'url', region, use, url: text }] : 'needs-region'
}

type Named = (text: string, region: string) => Thing

/** Plain names say what they are only by what they are called: all of the words, in this order of preference. */
const hints: readonly (readonly [readonly (readonly string[])[], Named])[] = [
  [[['ecs'], ['cluster']], (name, region) => ({ kind: 'ecs-cluster', region, name })],
  [
    [['db', 'rds', 'aurora', 'database', 'cluster'], ['cluster'], ['id', 'identifier', 'name', 'cluster']],
    (id, region) => ({ kind: 'db-cluster', region, id }),
  ],
  [[['alarm', 'alarms']], (name, region) => ({ kind: 'alarm', region, name })],
  [[['codebuild'], ['project', 'name', 'build']], (name, region) => ({ kind: 'build', region, name })],
  [
    [
      ['service', 'services'],
      ['name', 'names', 'ecs'],
    ],
    (name, region) => ({ kind: 'service', region, cluster: '', name }),
  ],
]

const hostName = /^(?=.{4,253}$)([a-z0-9_*]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\.?$/i

/** What a text of a Terraform output is; nothing when it is nothing that a plan names. */
export function recognise(text: string, at: Setting): Recognised {
  for (const [shape, read] of shapes) {
    const match = shape.exec(text)
    if (match) return read(match, at)
  }
  if (!/^[\w.*-][\w .:/*-]{0,254}$/.test(text)) return []
  if (has(at, 'account') && /^\d{12}$/.test(text))
    return has(at, 'dns', 'zone', 'route53') ? [{ kind: 'account', use: 'dns', id: text }] : [account(text)]
  if (has(at, 'global') && has(at, 'cluster')) return [{ kind: 'global-cluster', id: text }]
  if (has(at, 'record', 'domain', 'fqdn', 'hostname') && hostName.test(text))
    return [{ kind: 'record', name: text.replace(/\.$/, '') }]
  const named = hints.find(([all]) => all.every((any) => has(at, ...any)))?.[1]
  if (!named) return []
  return at.region ? [named(text, at.region)] : 'needs-region'
}
