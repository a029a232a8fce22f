import {
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { describe, expect, it } from 'vitest'
import { recordCalls } from '../../src/aws/recorder.ts'
import { dr, ownKeys, type Rig, rig, seen, thrown } from './rig.ts'

const group = (color: string) =>
  `arn:aws:elasticloadbalancing:${dr}:111122223333:targetgroup/billing-${color}/${color === 'blue' ? '5f60718293a4b5c6' : '7b8293a4b5c6d7e9'}`
const [blue, green] = [group('blue'), group('green')]

/** Somebody at the console. */
async function set(
  { aws, plan }: Rig,
  actions: ConstructorParameters<typeof ModifyListenerCommand>[0]['DefaultActions'],
) {
  const elb = new ElasticLoadBalancingV2Client({
    region: dr,
    credentials: ownKeys,
    requestHandler: aws.dispatcher.requestHandler(),
  })
  await elb.send(new ModifyListenerCommand({ ListenerArn: plan.listener?.dr?.arn, DefaultActions: actions }))
}

/** The default actions a serve would write. */
async function written({ outside }: Rig) {
  const [call] = await recordCalls(() => outside.listener.serve('dr'))
  return call?.input.DefaultActions
}

describe('the listener', () => {
  it('is absent where the plan names none', async () => {
    const { outside } = rig('orders')
    expect(await seen(outside.listener.look('home'))).toBe('absent')
    expect(await thrown(outside.listener.serve('home'))).toMatchObject({ code: 'ACT_REJECTED' })
  })

  it('is seen with weights and the health of every group', async () => {
    const { outside, plan } = rig('billing')
    expect(await seen(outside.listener.look('dr'))).toEqual({
      arn: plan.listener?.dr?.arn,
      forwards: { [blue]: 0, [green]: 100 },
      hasRules: false,
      healthy: { [blue]: 0, [green]: 0 },
    })
  })

  it('gives all traffic to the group that serves, keeps the other attached, and then leaves it alone', async () => {
    const { outside, changes } = rig('billing')
    await outside.listener.serve('dr')
    expect(await seen(outside.listener.look('dr'))).toMatchObject({ forwards: { [blue]: 100, [green]: 0 } })
    const { evidence } = await outside.listener.serve('dr')
    expect(evidence.join()).toContain('already')
    expect(changes()).toEqual([`${dr} ModifyListener`])
  })

  it('keeps stickiness, order and every other action', async () => {
    const test = rig('billing')
    const login = {
      Type: 'authenticate-oidc' as const,
      Order: 1,
      AuthenticateOidcConfig: {
        Issuer: 'https://id.example.test',
        AuthorizationEndpoint: 'https://id.example.test/authorize',
        TokenEndpoint: 'https://id.example.test/token',
        UserInfoEndpoint: 'https://id.example.test/me',
        ClientId: 'billing',
      },
    }
    const stickiness = { Enabled: true, DurationSeconds: 300 }
    await set(test, [
      { ...login, AuthenticateOidcConfig: { ...login.AuthenticateOidcConfig, ClientSecret: 'x' } },
      {
        Type: 'forward',
        Order: 2,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: green, Weight: 7 }],
          TargetGroupStickinessConfig: stickiness,
        },
      },
    ])
    expect(await written(test)).toEqual([
      expect.objectContaining({
        Type: 'authenticate-oidc',
        Order: 1,
        AuthenticateOidcConfig: expect.objectContaining({
          ClientId: 'billing',
          UseExistingClientSecret: true,
        }),
      }),
      {
        Type: 'forward',
        Order: 2,
        TargetGroupArn: blue,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: blue, Weight: 7 }],
          TargetGroupStickinessConfig: stickiness,
        },
      },
    ])
  })

  it('is not changed when its default action forwards to nothing', async () => {
    const test = rig('billing')
    await set(test, [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }])
    expect(await seen(test.outside.listener.look('dr'))).toMatchObject({ forwards: {} })
    const before = test.changes().length
    expect(await thrown(test.outside.listener.serve('dr'))).toMatchObject({ code: 'ACT_REJECTED' })
    expect(test.changes()).toHaveLength(before)
  })
})
