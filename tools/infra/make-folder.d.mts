export function makeFolder(folder: string, mode?: number): void;
export function makeWritableFolder(folder: string, mode?: number): void;
