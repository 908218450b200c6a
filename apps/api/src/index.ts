export { type ApiServer, type ApiServerParts, openApiServer } from './open-api-server.js';
