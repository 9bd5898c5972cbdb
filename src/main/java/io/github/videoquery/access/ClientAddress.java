package io.github.videoquery.access;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.InetAddressSet;

/**
 * Where a request comes from: the connection's other end, or, if that is a trusted proxy, the last
 * address in {@code X-Forwarded-For} (or {@code Forwarded}, RFC 7239, where there is none) that is
 * not one.
 */
final class ClientAddress {
  /** {@code for=} of RFC 7239: an address, perhaps with a port, an IPv6 one quoted in brackets. */
  private static final Pattern FOR =
      Pattern.compile("(?i)(?:^|[;,\\s])for\\s*=\\s*(\"[^\"]*\"|[^;,\\s]*)");

  /** An address with brackets or a port, or without. */
  private static final Pattern ADDRESS =
      Pattern.compile("\"?(?:\\[([^]]*)](?::\\d+)?|([0-9.]+)(?::\\d+)?|([0-9a-fA-F:.]+))\"?");

  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final String PREFIX = "X-Forwarded-Prefix";

  private static final int MAX_PREFIX = 200;

  /** Without a character that would end a string of JSON. */
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~%@:+-]+)+");

  private final InetAddressSet trusted = new InetAddressSet();

  /**
   * @param trustedProxies addresses and networks: {@code 10.0.0.0/8}, {@code fd00::/8}
   * @throws IllegalArgumentException if one cannot be read
   */
  ClientAddress(List<String> trustedProxies) {
    trusted.addAll(trustedProxies);
  }

  /**
   * What trusted proxies took off the path: {@code X-Forwarded-Prefix}, whose values are joined.
   * Empty if there is none, or one that is no path.
   */
  String forwardedPrefix(Request request) {
    return !request.getHeaders().contains(PREFIX)
            || !(request.getConnectionMetaData().getRemoteSocketAddress()
                instanceof InetSocketAddress peer)
        ? ""
        : prefix(peer.getAddress(), request.getHeaders());
  }

  /**
   * @param peer the connection's other end
   */
  String prefix(InetAddress peer, HttpFields fields) {
    if (!trusted.test(peer)
        || fields.getValuesList(PREFIX).stream().mapToInt(String::length).sum() > MAX_PREFIX) {
      return "";
    }
    String prefix =
        FieldValues.of(fields, PREFIX)
            .map(part -> part.endsWith("/") ? part.substring(0, part.length() - 1) : part)
            .collect(Collectors.joining());
    return PATH.matcher(prefix).matches() ? prefix : "";
  }

  InetAddress of(Request request) {
    return request.getConnectionMetaData().getRemoteSocketAddress()
            instanceof InetSocketAddress peer
        ? of(peer.getAddress(), request.getHeaders())
        : InetAddress.getLoopbackAddress();
  }

  /**
   * @param peer the connection's other end
   */
  InetAddress of(InetAddress peer, HttpFields fields) {
    InetAddress address = peer;
    List<String> hops = null;
    while (!trusted.isEmpty() && trusted.test(address)) {
      hops = hops == null ? hops(fields) : hops;
      if (hops.isEmpty()) {
        return address;
      }
      Matcher literal = ADDRESS.matcher(hops.removeLast().strip());
      if (!literal.matches()) {
        return address;
      }
      try {
        address = InetAddress.ofLiteral(firstGroup(literal));
      } catch (IllegalArgumentException unreadable) {
        return address;
      }
    }
    return address;
  }

  private static String firstGroup(Matcher literal) {
    for (int group = 1; group < literal.groupCount(); group++) {
      if (literal.group(group) != null) {
        return literal.group(group);
      }
    }
    return literal.group(literal.groupCount());
  }

  private static List<String> hops(HttpFields fields) {
    if (fields.contains(FORWARDED_FOR)) {
      return FieldValues.of(fields, FORWARDED_FOR).collect(Collectors.toCollection(ArrayList::new));
    }
    List<String> hops = new ArrayList<>();
    for (String line : fields.getValuesList(HttpHeader.FORWARDED)) {
      FOR.matcher(line).results().forEach(hop -> hops.add(hop.group(1)));
    }
    return hops;
  }
}
