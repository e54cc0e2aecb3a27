using System.Runtime.Versioning;

// Each test has a server, a host and credentials of its own.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[assembly: SupportedOSPlatform("linux")]
