import type { WorkItem } from './ports.ts'

const TERMINAL = 'terminal:'

/**
 * Work items from terminals are called so, and need a proof of who asks. Whoever may offer only such items can ask for
 * nothing in the name of the front, which has verified what it writes down.
 */
export const terminalItemId = (unique: string): string => `${TERMINAL}${unique}`
export const isFromTerminal = ({ id }: Pick<WorkItem, 'id'>): boolean => id.startsWith(TERMINAL)
