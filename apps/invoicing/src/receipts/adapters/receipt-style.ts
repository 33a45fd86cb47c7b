/** Looks of the receipt, in points (1/72 inch). */
export const MARGIN = 56;
export const ACCENT_BAR_HEIGHT = 6;
export const MARK_SIZE = 36;
export const FOOTER_HEIGHT = 64;

export const COLORS = {
  accent: '#4338CA',
  ink: '#111827',
  text: '#374151',
  muted: '#6B7280',
  line: '#E5E7EB',
  panel: '#F9FAFB',
  paid: '#15803D',
  changed: '#B45309',
  bad: '#B91C1C',
  onAccent: '#FFFFFF',
} as const;

export type FontName = 'regular' | 'semibold' | 'fallback';

export interface TextStyle {
  readonly font: FontName;
  readonly size: number;
  readonly color: string;
}

const style = (font: FontName, size: number, color: string): TextStyle => ({ font, size, color });

export const STYLES = {
  seller: style('semibold', 14, COLORS.ink),
  small: style('regular', 9, COLORS.muted),
  title: style('semibold', 26, COLORS.ink),
  headline: style('semibold', 19, COLORS.ink),
  label: style('semibold', 8, COLORS.muted),
  body: style('regular', 10, COLORS.text),
  strong: style('semibold', 10, COLORS.ink),
  total: style('semibold', 13, COLORS.ink),
  mark: style('semibold', 18, COLORS.onAccent),
  stamp: style('semibold', 20, COLORS.paid),
  stampDate: style('semibold', 7.5, COLORS.paid),
} as const;
