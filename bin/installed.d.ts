export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc?: string;
}

export interface LockFile {
  readonly packages?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Difference {
  readonly path: string;
  readonly reason: string;
  readonly optional: boolean;
}

export function differences(input: {
  readonly lock: LockFile;
  readonly installed: LockFile | null;
  readonly platform: Platform;
  readonly exists?: (path: string) => boolean;
}): readonly Difference[];

export function fitsPlatform(entry: Readonly<Record<string, unknown>>, platform: Platform): boolean;

export function thisPlatform(): Platform;
