/** What the import of users says. */
export const imports = {
  title: 'Import users', lead: 'A CSV file with a header line and one line a user. Only the first name must be there.', open: 'Import CSV…',
  drop: 'Drop a CSV file here, or choose one', choose: 'Choose a file', limits: 'At most 20 MB, separated by commas, in UTF-8. Excel’s “CSV UTF-8” is fine.',
  uploading: 'Uploading', lost: 'The connection was lost during the upload. Nothing of it was kept; send the file again.', large: 'The file is larger than 20 MB.',
  file: (name: string, rows: number) => `${name}: ${rows} ${rows === 1 ? 'row' : 'rows'}`, other: 'Another file',
  columns: 'Columns', column: 'Column in the file', values: 'First values', field: 'Field', leaveOut: 'Leave out', needFirst: 'No column is the first name. Choose one.', twice: 'Another column is this field already.', unnamed: (n: number) => `Column ${n}, without a name`,
  preview: 'First rows', row: 'Row', duplicates: 'Skip people who are here already', duplicatesHint: 'The same email address, else the same full name. Each one is reported.',
  check: 'Check the file', checking: 'Checking', importing: 'Importing', cancel: 'Cancel the import', cancelled: 'Cancelled. Nothing was imported.',
  sums: (created: number, skipped: number, failed: number) => `${created} to add, ${skipped} to skip, ${failed} with a mistake`,
  mend: 'All rows or none: mend the rows below in your file, or leave a column out, and check again.', problems: 'Rows to look at', first: (n: number) => `The first ${n}. The report has them all.`,
  action: { failed: 'Mistake', skipped: 'Skipped', created: 'Added' } as Record<string, string>, what: 'What', why: 'Why',
  consent: 'The people in this file have agreed to be entered here. My name and the time are kept with it.',
  submit: (n: number) => `Import ${n} ${n === 1 ? 'user' : 'users'}`, nobody: 'Nobody in this file is new.',
  done: (n: number) => `${n} ${n === 1 ? 'user was' : 'users were'} added`, refused: 'Nothing was imported', report: 'Download the report', toUsers: 'To the users', undo: 'Undo this import…', gone: 'The uploaded file is no longer kept. Choose it again.',
  waiting: 'The connection to the exchange is lost. Trying again…', interrupted: 'The exchange stopped before this was over', runAgain: 'Nothing was imported. Check the file and import it again.', wasLost: 'The connection was lost for a while. Nothing was imported so far.', noReport: 'There is no report of each row: the exchange stopped before it was written. Undo lists everyone who was added.',
}
