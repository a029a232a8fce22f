/** Throws unless it can name an execution, by AWS's rule. */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) throw new Error(`“${name}” cannot name an execution`)
}

/** A name stands for one input only. */
export const anotherInput = (name: string): Error =>
  new Error(`execution ${name} was started before with another input`)

/** How an execution's error reads. */
export const errorText = ({
  ErrorType,
  ErrorMessage,
}: {
  readonly ErrorType?: string | undefined
  readonly ErrorMessage?: string | undefined
}): string => [ErrorType, ErrorMessage].filter(Boolean).join(': ')
