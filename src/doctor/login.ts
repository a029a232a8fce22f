import { GetRoleCommand } from '@aws-sdk/client-iam'
import type { Account } from '../aws/clients.ts'
import { troubleOf } from '../aws/faults.ts'
import type { Budget } from '../aws/look.ts'
import type { Plan } from '../plan/schema.ts'
import { ask } from './ask.ts'
import { type Finding, ok, unknown, warn } from './finding.ts'
import type { Patient } from './place.ts'
import { iamClient, iamRegion, OWN } from './tools.ts'

const SESSION = /^arn:aws[\w-]*:sts::\d+:assumed-role\/([^/]+)\/[^/]+$/
/** Roles of IAM Identity Center say in their path which region it is in; those of us-east-1 need not. */
const CENTER = /^\/aws-reserved\/sso\.amazonaws\.com\/(?:([a-z]{2}(?:-[a-z]+)+-\d)\/)?$/

/** Whether those who may have to act alone can get in while home is dark. */
export async function login(patient: Patient): Promise<readonly Finding[]> {
  const looks = patient.plans.plans.flatMap((plan) => [
    [judgeIdentities(plan)],
    ...plan.identities.map((identity) => loginOf(patient, plan, identity)),
  ])
  return (await Promise.all(looks)).flat()
}

/** Without a name in AWS a person's answer in a terminal is nobody's. */
export function judgeIdentities({ name, identities, slack }: Plan): Finding {
  const known = new Set(identities.map(({ user }) => user))
  const missing = slack.breakGlass.filter((user) => !known.has(user))
  const approvers = slack.approvers.filter((user) => known.has(user))
  if (!approvers.length)
    return warn(
      'terminal-people',
      name,
      'no approver is named in `identities`: without Slack nobody can approve',
    )
  if (missing.length) return warn('terminal-people', name, `who ${missing.join(', ')} is to AWS is not known`)
  return ok(
    'terminal-people',
    name,
    `${approvers.length} of ${slack.approvers.length} approvers can use a terminal`,
  )
}

async function loginOf(
  patient: Patient,
  plan: Plan,
  { user, arn }: Plan['identities'][number],
): Promise<readonly Finding[]> {
  const about = `${user} (${plan.name})`
  const [, role] = SESSION.exec(arn) ?? []
  if (!role) return [ok('login', about, `${arn} needs no region`)]
  const region = iamRegion(plan.regions.dr)
  const account = arn.split(':')[4]
  const { workload } = plan.accounts
  if (account !== workload.id)
    return [unknown('login', about, `${arn} is in an account this cannot look into`, byHand(role))]
  const question = { check: 'login', about, region, service: 'IAM', role: workload.role } as const
  const path = (who: Account, budget: Budget) =>
    iamClient(patient, plan.regions.dr, who)
      .send(new GetRoleCommand({ RoleName: role }), budget)
      .then(({ Role }) => Role?.Path)
  return ask(patient, question, async (budget) => {
    const found = await path(OWN, budget)
      .catch(() => path(workload, budget))
      .catch((error: unknown) => {
        if (troubleOf(error).why !== 'denied') throw error
        return 'refused' as const
      })
    return [
      found === 'refused'
        ? unknown('login', about, `iam:GetRole of ${role} is not allowed`, byHand(role))
        : judgeLogin(about, plan.regions.home, role, found),
    ]
  })
}

const byHand = (role: string): string =>
  `Look where it comes from: \`aws iam get-role --role-name ${role} --query Role.Path\` names the region of its Identity Center.`

/** By the path of the role that a person's session has. */
export function judgeLogin(about: string, home: string, role: string, path: string | undefined): Finding {
  const center = CENTER.exec(path ?? '')
  if (!center)
    return warn(
      'login',
      about,
      `whether ${role} can be had while ${home} is dark cannot be told from its path ${path}`,
      byHand(role),
    )
  const region = center[1] ?? 'us-east-1'
  return region === home
    ? warn('login', about, `${role} comes from the Identity Center in ${region}, the home region`)
    : ok('login', about, `${role} comes from the Identity Center in ${region}`)
}
