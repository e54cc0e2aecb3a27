// Each test has clocks, logs and engines of its own.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
