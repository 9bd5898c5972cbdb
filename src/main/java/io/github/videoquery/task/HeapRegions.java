package io.github.videoquery.task;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much heap an array really uses. The G1 collector gives an array of half a region or more
 * regions of its own: a body of 1.1 MB takes 2 MB where a region has 1 MB.
 */
final class HeapRegions {
  private static final long REGION_BYTES = regionBytes();
  private static final int HEADER_BYTES = 16;

  private HeapRegions() {}

  static long held(long length) {
    return held(length, REGION_BYTES);
  }

  /**
   * @param regionBytes 0 where the collector has none that matter
   */
  static long held(long length, long regionBytes) {
    long bytes = length + HEADER_BYTES;
    return regionBytes == 0 || bytes < regionBytes / 2
        ? length
        : (bytes + regionBytes - 1) / regionBytes * regionBytes;
  }

  private static long regionBytes() {
    HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return Boolean.parseBoolean(vm.getVMOption("UseG1GC").getValue())
          ? Long.parseLong(vm.getVMOption("G1HeapRegionSize").getValue())
          : 0;
    } catch (IllegalArgumentException | NullPointerException anotherVm) {
      return 0;
    }
  }
}
