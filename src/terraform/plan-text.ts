import { drError } from '../engine/errors.ts'

/** Beyond this nobody reads a plan in one piece. */
export const MAX_PLAN_BYTES = 64 * 1024 * 1024

/** The JSON that a file says, whatever is in it. Throws FILE_UNUSABLE where it is no JSON, saying what it seems to be. */
export function parsePlanText(text: string, name: string): unknown {
  const body = text.replace(/^\ufeff/, '')
  try {
    return JSON.parse(body)
  } catch (error) {
    throw drError('FILE_UNUSABLE', { name, why: whyNoJson(body) }, error)
  }
}

function whyNoJson(text: string): string {
  if (text.trim() === '') return 'it is empty'
  if (text.startsWith('PK')) return 'it is a saved plan itself; `terraform show -json` turns that into JSON'
  if (text.includes('\0') || text.includes('\ufffd')) return 'it is not UTF-8 text'
  if (text.trimStart().startsWith('{"@'))
    return 'it is the log of `terraform plan -json`, not the output of `terraform show -json`'
  if (/^\s*\{/.test(text)) return 'it breaks off, or is not JSON throughout'
  return 'it is not JSON; `terraform show` needs -json'
}
