/** A bundle, and its source map with places relative to the project. */
export interface Bundle {
  text: string;
  map: string;
  inputs: string[];
}
export declare function keptBundle(
  root: string, folder: string, name: string, make: () => Promise<Bundle>,
): Promise<Pick<Bundle, "text" | "map">>;
