import { permissions } from '../../src/doctor/permissions.ts'

/** Every action of the table, and IAM's own two, but for one. */
export const allActions = ({ but }: { readonly but: string }): readonly string[] =>
  [
    ...permissions.map(({ action }) => action),
    'iam:SimulatePrincipalPolicy',
    'iam:GetRole',
    'sts:AssumeRole',
  ].filter((action) => action !== but)
