using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>The few names, addresses and ports that random objects are made of, so that they meet and collide.</summary>
internal static class RandomNames
{
    private static readonly DateTimeOffset s_start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Addresses that anything may be on: cluster IPs, addresses of nodes, of load balancers, of redirect policies.</summary>
    private static readonly string[] s_addresses = ["10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2", "fd00::1", "fd00::2"];

    extension(Random random)
    {
        public string Namespace => random.Once(8) ? "other" : "default";

        /// <summary>In one of them a name is the beginning of another, which tells orders of names and of texts with them apart.</summary>
        public string Name => random.Pick("a", "b", "a-b");

        public string NodeName => random.Once(6) ? "node-b" : "node-a";

        public string Zone => random.Once(3) ? "zone-b" : "zone-a";

        public string Address => random.Pick(s_addresses);

        public string PodAddress => random.Once(3) ? $"fd01::{random.Next(1, 4)}" : $"10.1.0.{random.Next(1, 4)}";

        public int Port => random.Next(80, 83);

        public L4Protocol Protocol => random.Once(6) ? L4Protocol.Udp : L4Protocol.Tcp;

        public DateTimeOffset? Age => random.Once(3) ? null : s_start.AddDays(random.Next(2));

        public ObjectMeta Meta(ImmutableDictionary<string, string>? labels = null, ImmutableDictionary<string, string>? annotations = null) => new()
        {
            Name = random.Once(100) ? "Not a name" : random.Name,
            Namespace = random.Namespace,
            Labels = labels ?? ImmutableDictionary<string, string>.Empty,
            Annotations = annotations ?? ImmutableDictionary<string, string>.Empty,
            CreationTimestamp = random.Age,
        };

        /// <summary>The number that the port at a place of a list usually has, so that lists of different objects fit together.</summary>
        public int PortAt(int index) => random.Once(6) ? random.Port : 80 + index;

        /// <summary>Likewise the name.</summary>
        public string PortNameAt(int index) => random.Once(8) ? random.Pick("http", "dns", "web") : index == 0 ? "http" : "dns";

        /// <summary>Selects pods by the labels that random pods and namespaces have.</summary>
        public LabelSelector Selector(string key = "app") => random.Next(6) switch
        {
            0 => new(matchExpressions: new LabelRequirement { Key = key, Operator = LabelOperator.NotIn, Values = ["b"] }),
            1 => new(matchExpressions: new LabelRequirement { Key = key, Operator = random.Once(2) ? LabelOperator.Exists : LabelOperator.DoesNotExist }),
            2 when random.Once(3) => LabelSelector.Everything,
            _ => new(ImmutableDictionary<string, string>.Empty.Add(key, random.Pick("a", "b"))),
        };
    }
}
