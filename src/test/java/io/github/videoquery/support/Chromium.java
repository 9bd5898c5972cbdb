package io.github.videoquery.support;

import java.io.File;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The installed Chromium, without a head. */
public final class Chromium {
  private Chromium() {}

  /** A browser, or null where Chromium and its driver are not installed. */
  public static @Nullable ChromeDriver start() {
    Optional<File> chromium = program("chromium");
    Optional<File> driver = program("chromedriver");
    return chromium.isPresent() && driver.isPresent()
        ? browser(chromium.get(), driver.get())
        : null;
  }

  private static Optional<File> program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> new File(folder, name))
        .filter(File::canExecute)
        .findFirst();
  }

  private static ChromeDriver browser(File chromium, File driver) {
    var logs = new LoggingPreferences();
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    logs.enable(LogType.BROWSER, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary(chromium);
    options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
    options.setCapability("goog:loggingPrefs", logs);
    return new ChromeDriver(
        new ChromeDriverService.Builder().usingDriverExecutable(driver).usingAnyFreePort().build(),
        options);
  }
}
