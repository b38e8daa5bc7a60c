/** Distances on a sphere of the size of the Earth, between points given in degrees. */

export const EARTH_RADIUS_M = 6_371_000;

/** In metres. */
export function haversineDistance(latitude1: number, longitude1: number, latitude2: number, longitude2: number): number {
  const radians = Math.PI / 180;
  const latitudes = Math.sin(((latitude2 - latitude1) * radians) / 2);
  const longitudes = Math.sin(((longitude2 - longitude1) * radians) / 2);
  const a = latitudes * latitudes + Math.cos(latitude1 * radians) * Math.cos(latitude2 * radians) * longitudes * longitudes;
  return 2 * EARTH_RADIUS_M * Math.atan2(Math.sqrt(a), Math.sqrt(1 - a));
}
