// Each test has a server, a host and credentials of its own.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
