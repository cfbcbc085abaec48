export { type Endpoints, type Ports, type Sandbox, startSandbox } from './sandbox.ts';
