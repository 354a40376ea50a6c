export function cpuSeconds(pid: number | string, tid?: number | string): number;
export class Marks {
  constructor(clock: () => number);
  byte(b: number): void;
}
