const second = 1_000;
const day = 86_400_000;

/** Formats the time since the beginning, such as `00:07:03` or `2 d 00:07:03`. */
export function elapsed(at: number, startedAt: number): string {
  const since = Math.abs(at - startedAt);
  const days = Math.floor(since / day);
  const clock = new Date(since % day).toISOString().slice(11, 19);
  return `${at < startedAt ? '−' : ''}${days > 0 ? `${days} d ` : ''}${clock}`;
}

/** Formats a time in UTC, such as `2026-11-29 20:12:23 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace(/\..*/, '')} UTC`;
}

/** Formats a time in UTC to the minute. */
export function utcMinute(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d\d\..*/, '');
}

/** Formats a length of time with its largest two units, such as `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds / second));
  const parts = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3_600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
