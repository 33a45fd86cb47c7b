export const ROOT: string;
export const HOME: string;
