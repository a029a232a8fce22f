import { globSync, readFileSync } from 'node:fs'

/** What IAM calls the services whose SDK clients are called otherwise. */
const PREFIXES: Readonly<Record<string, string>> = {
  'application-auto-scaling': 'application-autoscaling',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'route-53': 'route53',
  'secrets-manager': 'secretsmanager',
}

/** What IAM calls operations whose action has another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  'apigatewayv2:GetDomainName': 'apigateway:GET',
  'lambda:Invoke': 'lambda:InvokeFunction',
}

/** The actions that the code of some files needs, by the commands of the SDK it makes. */
export function actionsUsed(...patterns: readonly string[]): readonly string[] {
  const used = globSync([...patterns]).flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const imports = [...text.matchAll(/import (?:type )?\{([^}]+)\} from '@aws-sdk\/client-([\w-]+)'/g)]
    return [...text.matchAll(/new (\w+)Command\(/g)].map(([, operation]) => {
      const client = imports.find(([, names]) =>
        new RegExp(`\\b${operation}Command\\b`).test(names ?? ''),
      )?.[2]
      if (!client) throw new Error(`${file}: of which client is ${operation}Command?`)
      const action = `${PREFIXES[client] ?? client}:${operation}`
      return ACTIONS[action] ?? action
    })
  })
  return [...new Set(used)].sort()
}
