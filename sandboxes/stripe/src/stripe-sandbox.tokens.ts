/** Injection tokens of what has no class of its own to be asked for by. */
export const SANDBOX_STORE = Symbol('SandboxStore');
export const ID_SOURCE = Symbol('IdSource');
export const FAULT_BOARD = Symbol('FaultBoard');
export const SECRET_KEY = Symbol('SecretKey');
