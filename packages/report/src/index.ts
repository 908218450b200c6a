export { type ReportPageOptions, renderReportPage } from './render-report-page.js';
