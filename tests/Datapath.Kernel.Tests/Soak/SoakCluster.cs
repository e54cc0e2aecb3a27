using Datapath.Policy;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>A cluster that changes at random. Services, policies and pods come, change and go, some of them in one change.</summary>
internal sealed class SoakCluster
{
    private const int Policies = 4;
    private readonly Random _random;
    private readonly SoakObjects _make;
    private readonly Dictionary<ObjectKey, KubernetesObject> _objects = [];
    private readonly HashSet<ObjectKey> _touched = [];
    private readonly HashSet<ObjectKey> _recreated = [];

    public SoakCluster(int seed)
    {
        _random = new(seed);
        _make = new(_random);
    }

    /// <summary>All objects of the start.</summary>
    public ObjectBatch Start()
    {
        Put(SoakObjects.Client(1));
        foreach (var pod in SoakAddresses.Servers)
            Put(_make.Server(pod));
        for (var number = 1; number <= SoakAddresses.Services; number++)
            PutService("web", number);
        return TakeBatch();
    }

    /// <summary>The next change, of one object or several.</summary>
    public ObjectBatch Next()
    {
        for (var count = _random.Next(4) == 0 ? _random.Next(2, 6) : 1; count > 0; count--)
            ChangeOne();
        return TakeBatch();
    }

    /// <summary>The end of all objects.</summary>
    public ObjectBatch End()
    {
        foreach (var key in _objects.Keys.ToArray())
            Delete(key);
        return TakeBatch();
    }

    private void ChangeOne()
    {
        var number = _random.Next(SoakAddresses.Services) + 1;
        switch (_random.Next(20))
        {
            case 0:
                DeleteService(number);
                break;
            case 1:
                PutService("other", number); // the addresses pass to a service of another name
                break;
            case 2:
                foreach (var key in KeysOfService(number))
                    _ = _recreated.Add(key);
                PutService("web", number);
                break;
            case < 9:
                PutService("web", number);
                break;
            case < 14:
                Put(_make.Server(SoakAddresses.Servers[_random.Next(SoakAddresses.Servers.Length)]));
                break;
            case 14:
                Delete(PolicyKey(_random.Next(Policies)));
                break;
            default:
                Put(_make.Policy(PolicyKey(_random.Next(Policies)).Name));
                break;
        }
    }

    private static ObjectKey PolicyKey(int number) => new(ObjectKind.ClusterLocalRedirectPolicy, "", $"policy-{number}");

    private void PutService(string name, int number)
    {
        DeleteService(number);
        foreach (var item in _make.Service($"{name}-{number}", number))
            Put(item);
    }

    private void DeleteService(int number)
    {
        foreach (var key in KeysOfService(number))
            Delete(key);
    }

    private ObjectKey[] KeysOfService(int number) =>
    [
        .. _objects.Keys.Where(key => key.Kind is not ObjectKind.Pod && key.Namespace == SoakObjects.Namespace && key.Name.Split('-')[1] == $"{number}"),
    ];

    private void Put(KubernetesObject item)
    {
        _objects[item.Key] = item;
        _ = _touched.Add(item.Key);
    }

    private void Delete(ObjectKey key)
    {
        _ = _objects.Remove(key);
        _ = _touched.Add(key);
    }

    /// <summary>What has changed since the last call; what was deleted and made again is in both lists only if that was meant.</summary>
    private ObjectBatch TakeBatch()
    {
        var batch = new ObjectBatch(
            [.. _touched.Where(_objects.ContainsKey).Order().Select(key => _objects[key])],
            [.. _touched.Where(key => !_objects.ContainsKey(key) || _recreated.Contains(key)).Order()],
            []);
        _touched.Clear();
        _recreated.Clear();
        return batch;
    }
}
