export interface ReadJsonFile {
  readonly advice: string;
  readonly isWhole?: (value: Readonly<Record<string, unknown>>) => boolean;
}
export function readJsonFile(file: string, options: ReadJsonFile): Record<string, unknown> | null;
