using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Changes of few backends among many, by a program that keeps its objects: what stays is taken from what was written before.</summary>
[TestFixture]
internal sealed class FewBackendsTests
{
    [Test]
    public void After_each_of_many_changes_the_kernel_holds_what_it_should([Range(1, 3)] int seed)
    {
        using var lab = new ServiceLab(lifetime: DatapathLifetime.Pinned);
        var random = new Random(seed);
        List<Backend>[] services = [.. Enumerable.Range(0, 4).Select(static number => Enumerable.Range(1, 30).Select(host => BackendOf(number, host)).ToList())];
        var state = ServiceLab.State([.. services.Select(ServiceOf)]);
        Assert.That(lab.Datapath.Replace(state).Failures, Is.Empty);
        var ids = IdsOf(lab);
        var highest = ids.Values.Max();
        for (var step = 0; step < 120; step++)
        {
            var number = random.Next(services.Length);
            Change(services[number], number, random);
            var changes = new ChangeSet([ServiceOf(services[number], number)], []);
            state = state.With(changes);
            var result = lab.Datapath.Apply(changes);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(result.Failures, Is.Empty);
                Assert.That(lab.Datapath.Verify(state), Is.Empty, $"step {step}");
                foreach (var (address, id) in IdsOf(lab))
                    Assert.That(id, ids.TryGetValue(address, out var before) ? Is.EqualTo(before) : Is.GreaterThan(highest), $"step {step}: {address}");
            }

            ids = IdsOf(lab);
            highest = Math.Max(highest, ids.Values.Max());

            if (random.Next(20) == 0)
                lab.Reopen(); // what was written is not known any more
        }

        // Each that comes is counted once, and once that leaves: none is in use any more.
        Assert.That(lab.Datapath.Replace(DesiredState.Empty).Failures, Is.Empty);
        Assert.That(lab.Datapath.Replace(state).Failures, Is.Empty);
        Assert.That(IdsOf(lab).Values, Is.All.GreaterThan(highest));
    }

    [Test]
    public void A_backend_that_is_listed_beside_itself_is_refused_wherever_it_comes()
    {
        using var lab = new ServiceLab();
        List<Backend> backends = [.. Enumerable.Range(1, 20).Select(static host => BackendOf(0, host))];
        Assert.That(lab.Datapath.Replace(ServiceLab.State(ServiceOf(backends, 0))).Failures, Is.Empty);
        foreach (var (place, again) in new[] { (0, 1), (1, 0), (10, 3), (3, 12), (20, 19), (19, 19) })
        {
            ImmutableArray<Backend> twice = [.. backends.Take(place), backends[again] with { }, .. backends.Skip(place)];
            var result = lab.Datapath.Apply(new([ServiceOf([.. twice], 0)], []));
            Assert.That(result.Failures, Has.Length.EqualTo(1), $"{again} at {place}");
            Assert.That(result.Failures[0].Reason, Is.EqualTo($"backend {backends[again].Address} is listed twice"));
        }

        var odd = lab.Datapath.Apply(new([ServiceOf([.. backends.Take(5), backends[5] with { Weight = 0 }, .. backends.Skip(6)], 0)], []));
        Assert.That(odd.Failures.Single().Reason, Is.EqualTo($"backend {backends[5].Address}: weight 0 must be 1 to 65535"));
        Assert.That(lab.Datapath.Read().Single().Backends, Has.Length.EqualTo(20), "what was there stays");
    }

    private static Dictionary<L4Address, uint> IdsOf(ServiceLab lab) =>
        lab.Datapath.Read().SelectMany(static frontend => frontend.Backends).ToDictionary(static backend => backend.Address, static backend => backend.Id);

    // Of each service another kind: both families, both protocols, and clients that stay with their backend.
    private static DesiredService ServiceOf(List<Backend> backends, int number) => new(ServiceLab.Name(number),
    [
        new()
        {
            Address = AddressOf(number, 0),
            Backends = [.. backends],
            UsableCount = backends.Count,
            AffinitySeconds = number == 3 ? 60 : 0,
        },
    ]);

    private static Backend BackendOf(int number, int host) => new(AddressOf(number, host));

    private static L4Address AddressOf(int number, int host) => L4Address.Parse(number switch
    {
        0 => $"10.96.0.{host}:80/TCP",
        1 => $"10.96.1.{host}:53/UDP",
        2 => $"[fd10:96::{host:x}]:80/TCP",
        _ => $"[fd10:96::1:{host:x}]:53/UDP",
    }, null);

    private static void Change(List<Backend> backends, int number, Random random)
    {
        for (var changes = random.Next(4) == 0 ? 3 : 1; changes > 0; changes--)
        {
            var place = random.Next(backends.Count);
            switch (random.Next(8))
            {
                case 0 when backends.Count > 1:
                case 1 when backends.Count > 1:
                    backends.RemoveAt(place);
                    break;
                case 2:
                    backends[place] = backends[place] with { Weight = 50 * random.Next(1, 4) };
                    break;
                case 3 when random.Next(6) == 0:
                    random.Shuffle(CollectionsMarshal.AsSpan(backends));
                    break;
                case 4 when random.Next(6) == 0:
                    backends.Clear();
                    backends.AddRange(Enumerable.Range(random.Next(1, 100), random.Next(1, 40)).Select(host => BackendOf(number, host)));
                    break;
                default:
                    var backend = BackendOf(number, random.Next(1, 200));
                    if (backends.Exists(other => other.Address == backend.Address))
                        break;
                    var next = backends.FindIndex(other => other.Address > backend.Address);
                    backends.Insert(next < 0 || random.Next(10) == 0 ? backends.Count : next, backend);
                    break;
            }
        }
    }
}
