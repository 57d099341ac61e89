const browsers: [RegExp, string][] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\/|FxiOS/, 'Firefox'], [/Chrom(e|ium)\/|CriOS/, 'Chrome'], [/Safari\//, 'Safari'], [/^curl\//, 'curl']]
const systems: [RegExp, string][] = [[/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']]

/** programOf is what people call the program that a User-Agent is of. */
export function programOf(agent: string, on: (browser: string, system: string) => string): string {
  const named = (all: [RegExp, string][]) => all.find(([pattern]) => pattern.test(agent))?.[1]
  const [browser, system] = [named(browsers), named(systems)]
  return browser && system ? on(browser, system) : (browser ?? system ?? '')
}
