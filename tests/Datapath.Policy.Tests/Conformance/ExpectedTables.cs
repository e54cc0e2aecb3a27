using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Compares a compiled state with the rows of type ClusterIP in the expected tables.</summary>
internal static class ExpectedTables
{
    /// <summary>The table shows at most so many backends.</summary>
    private const int MostShown = 5;

    public static void Compare(ConformanceCase step, DesiredState state)
    {
        using var scope = Assert.EnterMultipleScope();
        if (step.Expected.TryGetProperty("frontends", out var frontends))
            CompareFrontends(frontends, state);
        if (step.MapFrontends is { } maps)
            CompareMaps(maps, state);
    }

    private static void CompareFrontends(JsonElement rows, DesiredState state)
    {
        var expected = rows.EnumerateArray().Where(IsClusterIP).ToList();
        var actual = Frontends(state);
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Select(row => Address(row.GetProperty("address")))));
        foreach (var row in expected)
        {
            var address = Address(row.GetProperty("address"));
            if (!actual.TryGetValue(address, out var found))
                continue;
            if (row.TryGetProperty("service", out var service))
                Assert.That(found.Service.ToString(), Is.EqualTo(service.GetString()), $"service of {address}");
            if (row.TryGetProperty("portName", out var portName))
                Assert.That(found.Frontend.PortName, Is.EqualTo(portName.GetString()), $"port name of {address}");
            if (row.TryGetProperty("backends", out var backends))
                CompareBackends(row, backends, found.Frontend);
        }
    }

    private static void CompareBackends(JsonElement row, JsonElement backends, Frontend frontend)
    {
        var actual = frontend.Backends.Select(backend => backend.Address).Order().ToList();
        if (row.TryGetProperty("backendsTotal", out var total))
        {
            Assert.That(actual, Has.Count.EqualTo(total.GetInt32()), $"number of backends of {frontend.Address}");
            actual = [.. actual.Take(MostShown)];
        }

        Assert.That(actual, Is.EquivalentTo(backends.EnumerateArray().Select(Address)), $"backends of {frontend.Address}");
    }

    private static void CompareMaps(JsonElement rows, DesiredState state)
    {
        var expected = rows.EnumerateObject().Where(row => IsClusterIP(row.Value)).ToList();
        var actual = Frontends(state);
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Select(row => L4Address.Parse(row.Name))));
        foreach (var row in expected)
        {
            if (!actual.TryGetValue(L4Address.Parse(row.Name), out var found))
                continue;
            var frontend = found.Frontend;
            var slots = frontend.Backends.Where(backend => backend.State is not BackendState.Maintenance).Select(backend => backend.Address).ToList();
            var active = row.Value.GetProperty("activeCount").GetInt32();
            Assert.That(frontend.UsableCount, Is.EqualTo(active), $"active count of {row.Name}");
            Assert.That(slots, Has.Count.EqualTo(active + row.Value.GetProperty("inactiveCount").GetInt32()), $"slots of {row.Name}");
            if (row.Value.TryGetProperty("backends", out var backends))
                Assert.That(slots, Is.EqualTo(backends.EnumerateArray().Select(slot => Address(slot.GetProperty("address")))), $"order of {row.Name}");
        }
    }

    private static Dictionary<L4Address, (ServiceName Service, Frontend Frontend)> Frontends(DesiredState state) =>
        state.Services.Values.SelectMany(service => service.Frontends.Select(frontend => (service.Name, frontend)))
            .ToDictionary(pair => pair.frontend.Address, pair => pair);

    private static bool IsClusterIP(JsonElement row) => row.GetProperty("type").GetString() == "ClusterIP";

    private static L4Address Address(JsonElement text) => L4Address.Parse(text.GetString()!);
}
