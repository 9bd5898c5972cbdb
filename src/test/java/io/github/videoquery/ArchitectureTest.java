package io.github.videoquery;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Which package may use which, and what each may know. */
@AnalyzeClasses(packages = ArchitectureTest.ROOT, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  static final String ROOT = "io.github.videoquery";

  @ArchTest
  static final ArchRule usesGoInOneDirection =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("root")
          .definedBy(ROOT)
          .layer("query")
          .definedBy(ROOT + ".query")
          .layer("page")
          .definedBy(ROOT + ".page")
          .layer("cache")
          .definedBy(ROOT + ".cache")
          .layer("access")
          .definedBy(ROOT + ".access")
          .layer("upstream")
          .definedBy(ROOT + ".upstream")
          .layer("edge")
          .definedBy(ROOT + ".edge")
          .layer("dialect")
          .definedBy(ROOT + ".dialect")
          .layer("file")
          .definedBy(ROOT + ".file")
          .layer("http")
          .definedBy(ROOT + ".http")
          .layer("problem")
          .definedBy(ROOT + ".problem")
          .layer("task")
          .definedBy(ROOT + ".task")
          .layer("time")
          .definedBy(ROOT + ".time")
          .layer("settings")
          .definedBy(ROOT + ".settings")
          .whereLayer("root")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("query")
          .mayOnlyAccessLayers(
              "cache", "access", "upstream", "edge", "dialect", "problem", "task", "time")
          .whereLayer("page")
          .mayOnlyAccessLayers("problem", "task", "time")
          .whereLayer("cache")
          .mayOnlyAccessLayers("upstream", "dialect", "task", "time")
          .whereLayer("access")
          .mayOnlyAccessLayers("edge", "file", "http", "problem", "task", "time")
          .whereLayer("upstream")
          .mayOnlyAccessLayers("dialect", "file", "http", "task", "time")
          .whereLayer("edge")
          .mayOnlyAccessLayers("problem", "task", "time")
          .whereLayer("dialect")
          .mayOnlyAccessLayers("task")
          .whereLayer("file")
          .mayOnlyAccessLayers("time")
          .whereLayer("settings")
          .mayNotAccessAnyLayer()
          .whereLayer("settings")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayNotAccessAnyLayer()
          .whereLayer("problem")
          .mayNotAccessAnyLayer()
          .whereLayer("task")
          .mayNotAccessAnyLayer()
          .whereLayer("time")
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule everyClassIsInAPackageOfTheseLayers =
      classes()
          .should()
          .resideInAnyPackage(
              ROOT,
              ROOT + ".query",
              ROOT + ".page",
              ROOT + ".cache",
              ROOT + ".access",
              ROOT + ".upstream",
              ROOT + ".edge",
              ROOT + ".dialect",
              ROOT + ".file",
              ROOT + ".http",
              ROOT + ".problem",
              ROOT + ".settings",
              ROOT + ".task",
              ROOT + ".time");

  @ArchTest
  static final ArchRule classesOfAccessHaveNoCycle =
      slices().assignedFrom(new TopLevelClasses()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingIsInjectedIntoFields =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Autowired")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.springframework.beans.factory.annotation.Value");

  @ArchTest
  static final ArchRule timeComesFromTheInjectedClock =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".time")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(TimeUnit.class, "sleep", long.class)
          .orShould()
          .callMethod(LockSupport.class, "parkNanos", long.class)
          .orShould()
          .callMethod(LockSupport.class, "parkNanos", Object.class, long.class);

  @ArchTest
  static final ArchRule taskKnowsTheJdkOnly =
      classes()
          .that()
          .resideInAPackage(ROOT + ".task")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              ROOT + ".task",
              "java..",
              "javax.management..",
              "com.sun.management..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule dialectIsPure =
      classes()
          .that()
          .resideInAPackage(ROOT + ".dialect")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              ROOT + ".dialect",
              ROOT + ".task",
              "java..",
              "tools.jackson.core..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule cacheKnowsNoServer =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".cache")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.eclipse.jetty..", "jakarta.servlet..");

  @ArchTest
  static final ArchRule upstreamKnowsNoServlet =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".upstream")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jakarta.servlet..", "org.eclipse.jetty..");

  /** Each class of {@code access} with those inside it is a slice. */
  private static final class TopLevelClasses implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      if (!type.getPackageName().equals(ROOT + ".access")) {
        return SliceIdentifier.ignore();
      }
      String name = type.getName();
      int inner = name.indexOf('$');
      return SliceIdentifier.of(inner < 0 ? name : name.substring(0, inner));
    }

    @Override
    public String getDescription() {
      return "classes of access";
    }
  }
}
