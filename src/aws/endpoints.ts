import { drError } from '../engine/errors.ts'

const awsHosts = ['.amazonaws.com', '.amazonaws.com.cn', '.api.aws']

/** Throws CONFIG_INVALID unless the host is one of AWS's own. */
export function onlyAws(host: string, what: string): void {
  if (awsHosts.some((suffix) => host.endsWith(suffix))) return
  throw drError('CONFIG_INVALID', {
    faults: [`${what} would go to ${host}, which is not AWS; only a rehearsal may do that`],
  })
}
