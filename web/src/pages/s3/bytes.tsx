import { useLocale } from "@/messages";

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;

/** "3.1 MB": in the largest unit of which there is one. */
export function bytesText(bytes: number, locale: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const maximumFractionDigits = unit === 0 || value >= 100 ? 0 : 1;
  const unitDisplay = unit === 0 ? "long" : "short";
  return new Intl.NumberFormat(locale, { style: "unit", unit: units[unit], unitDisplay, maximumFractionDigits }).format(
    value,
  );
}

export function Bytes({ value }: { value: number }) {
  const locale = useLocale();
  return <span title={bytesExactly(value, locale)}>{bytesText(value, locale)}</span>;
}

function bytesExactly(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: "byte", unitDisplay: "long" }).format(value);
}
