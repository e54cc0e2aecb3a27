using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>What is believed of a kernel that has refused something.</summary>
[TestFixture]
internal sealed unsafe class FeatureTests
{
    private static readonly BpfFeature[] s_features =
    [
        .. typeof(BpfFeature).GetProperties(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public)
            .Where(static p => p.PropertyType == typeof(BpfFeature)).Select(static p => (BpfFeature)p.GetValue(null)!),
    ];

    [TestCase(true)]
    [TestCase(false)]
    public void A_conclusive_answer_is_remembered(bool has)
    {
        var asked = 0;
        var feature = new BpfFeature("x", "9.9", () => ++asked > 0 && has);
        for (var i = 0; i < 3; i++)
            Assert.That(feature.IsSupported, Is.EqualTo(has));
        Assert.That(asked, Is.EqualTo(1));
    }

    [Test]
    public void No_answer_is_not_remembered_and_blames_nothing()
    {
        bool?[] answers = [null, null, false, true];
        var asked = 0;
        var feature = new BpfFeature("x", "9.9", () => answers[asked++]);
        Assert.That(feature.ThrowIfUnsupported, Throws.Nothing);
        Assert.That(feature.ThrowIfUnsupported, Throws.Nothing);
        Assert.That(
            Assert.Throws<FeatureNotSupportedException>(feature.ThrowIfUnsupported)!.Message, Is.EqualTo("this kernel has no x; Linux 9.9 has"));
        Assert.That(feature.IsSupported, Is.False);
        Assert.That(asked, Is.EqualTo(3));
    }

    [TestCaseSource(nameof(s_features))]
    public void A_kernel_that_may_not_be_asked_is_not_believed_to_lack_anything(BpfFeature feature)
    {
        var kernel = new FakeKernel();
        foreach (var errno in (Errno[])[Errno.EPERM, Errno.ENOMEM])
        {
            foreach (var command in Enum.GetValues<BpfCommand>())
                _ = kernel.FailAlways(command, errno);
            using var play = kernel.Play();
            Assert.That(feature.IsSupported, Is.True);
            Assert.That(kernel.Learnt, Is.Empty);
        }

        Assert.That(kernel.Calls, Has.Count.GreaterThanOrEqualTo(2)); // asked again
    }

    [TestCaseSource(nameof(s_features))]
    public void An_old_kernel_lacks_it_and_is_asked_once(BpfFeature feature)
    {
        var kernel = OldKernel();
        using var play = kernel.Play();
        var thrown = Assert.Throws<FeatureNotSupportedException>(feature.ThrowIfUnsupported);
        Assert.That(thrown!.Feature, Is.SameAs(feature));
        Assert.That(thrown.Message, Is.EqualTo($"this kernel has no {feature.Name}; Linux {feature.MinimumKernel} has"));
        var calls = kernel.Calls.Count;
        Assert.That(feature.IsSupported, Is.False);
        Assert.That(kernel.Calls, Has.Count.EqualTo(calls));
        Assert.That(kernel.Open, Is.Empty);
    }

    [TestCaseSource(nameof(s_features))]
    public void Every_feature_names_a_kernel(BpfFeature feature) => Assert.That(Version.TryParse(feature.MinimumKernel, out _), Is.True, feature.Name);

    [Test]
    public void Attaching_on_a_kernel_without_such_links_names_the_kernel_that_has_them()
    {
        var kernel = OldKernel().Fail(BpfCommand.ProgLoad); // programs load, links do not exist
        using var play = kernel.Play();
        using var classifier = FakeObjects.Program();
        using var xdp = FakeObjects.Program(ProgramType.Xdp, AttachType.Xdp);
        using var iterator = FakeObjects.Program(ProgramType.Tracing, AttachType.TraceIterator);
        AssertLacks(BpfFeature.Tcx, () => TcxLink.Attach(classifier, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress }).Dispose());
        AssertLacks(BpfFeature.Tcx, static () => TcxLink.Query(1, TcxDirection.Ingress));
        AssertLacks(BpfFeature.Netkit, () => NetkitLink.Attach(classifier, new() { InterfaceIndex = 1, Side = NetkitSide.Peer }).Dispose());
        AssertLacks(BpfFeature.Netkit, static () => NetkitLink.Query(1, NetkitSide.Primary));
        AssertLacks(BpfFeature.XdpLink, () => XdpLink.Attach(xdp, 1).Dispose());
        AssertLacks(BpfFeature.Iterator, () => BpfIterator.Create(iterator).Dispose());
    }

    [Test]
    public void Maps_of_a_kind_that_the_kernel_lacks_name_the_kernel_that_has_it()
    {
        using var play = OldKernel().FailAlways(BpfCommand.MapCreate, Errno.EINVAL).Play();
        AssertLacks(BpfFeature.SocketStorage, static () => BpfMap.Create(MapSpec.SocketStorage<uint>("fake")).Dispose());
    }

    // Each kind says since when it is there; what came after Linux 4.13 an old kernel may lack.
    [Test]
    public void Maps_of_every_younger_kind_name_the_kernel_that_has_them([Values] MapType type, [Values(Errno.EINVAL, Errno.E2BIG)] object errno)
    {
        var since = MinimumKernels.Of(type);
        if (since <= new Version(4, 13) || type is MapType.StructOps)
        {
            Assert.That(BpfFeature.Of(type), Is.Null);
            return;
        }

        Assert.That(Version.Parse(BpfFeature.Of(type)!.MinimumKernel), Is.EqualTo(since));
        var refused = 0;
        using var play = OldKernel().On(BpfCommand.MapCreate, (void* attr, ref int result) => refused++ == 0 ? (Errno)errno : Errno.EINVAL).Play();
        AssertLacks(BpfFeature.Of(type)!, () => BpfMap.Create(new MapSpec { Name = "fake", Type = type, KeySize = 4, ValueSize = 4, MaxEntries = 1 }, btf: null, innerMap: null).Dispose());
    }

    // Those of older kernels, where BpfObject does not run, and those that no program is made for at its load, are left out.
    [Test]
    public void Hooks_and_kinds_of_programs_are_as_old_as_their_features_say()
    {
        foreach (var hook in Enum.GetValues<AttachType>())
        {
            if (BpfFeature.OfHook(hook) is { } feature)
                Assert.That(Version.Parse(feature.MinimumKernel), Is.EqualTo(MinimumKernels.Of(hook)), $"{hook}");
            else if (hook.ToString().StartsWith("Cgroup", StringComparison.Ordinal))
                Assert.That(MinimumKernels.Of(hook), Is.LessThanOrEqualTo(new Version(5, 6)), $"{hook}");
        }

        foreach (var type in Enum.GetValues<ProgramType>().Where(static t => t is not ProgramType.Unspecified))
        {
            var since = MinimumKernels.Of(type);
            Assert.That(BpfFeature.OfProgram(type) is { } feature ? Version.Parse(feature.MinimumKernel) : null, Is.EqualTo(since > new Version(5, 6) ? since : null), $"{type}");
        }
    }

    [Test]
    public void Links_are_opened_detached_and_asked_for_only_on_kernels_that_can()
    {
        using var play = OldKernel().Play();
        AssertLacks(BpfFeature.LinkNumbers, static () => BpfLink.OpenById(1).Dispose());
        AssertLacks(BpfFeature.SocketLookup, static () => NetworkNamespaceLink.Query(AttachType.SkLookup));
        using var link = new OtherLink(new SafeBpfHandle(int.MaxValue), "fake");
        AssertLacks(BpfFeature.LinkDetach, link.Detach);
    }

    [TestCase(BpfCommand.LinkGetNextId, Errno.EPERM, true)]
    [TestCase(BpfCommand.LinkGetNextId, Errno.ENOENT, true)]
    [TestCase(BpfCommand.LinkGetNextId, Errno.EINVAL, false)]
    public void A_list_is_missing_only_if_the_kernel_does_not_know_the_command(object command, Errno errno, bool has)
    {
        var kernel = new FakeKernel().FailAlways((BpfCommand)command, errno);
        using var play = kernel.Play();
        Assert.That(BpfFeature.LinkNumbers.IsSupported, Is.EqualTo(has));
        Assert.That(kernel.Learnt, Has.Count.EqualTo(errno is Errno.EPERM ? 0 : 1));
    }

    [TestCase(MapFlags.ReadOnlyForPrograms, nameof(BpfFeature.ReadOnlyMap))]
    [TestCase(MapFlags.Mappable, nameof(BpfFeature.MappableArray))]
    [TestCase(MapFlags.InnerMap, nameof(BpfFeature.InnerMap))]
    public void Flags_that_the_kernel_lacks_name_the_kernel_that_has_them(MapFlags flags, string feature)
    {
        using var play = OldKernel().Play();
        var thrown = Assert.Throws<FeatureNotSupportedException>(() => BpfMap.Create(MapSpec.Array<uint>("fake", 1) with { Flags = flags }).Dispose());
        Assert.That(thrown!.Feature, Is.SameAs(typeof(BpfFeature).GetProperty(feature)!.GetValue(null)));
    }

    [Test]
    public void Statistics_and_frozen_maps_name_the_kernel_that_has_them()
    {
        using var play = OldKernel().Play();
        AssertLacks(BpfFeature.RunStatistics, static () => BpfStatistics.Enable().Dispose());
        using var map = FakeObjects.Hash();
        AssertLacks(BpfFeature.ReadOnlyMap, map.Freeze);
    }

    [TestCase(ProgramType.Netfilter, AttachType.Netfilter, nameof(BpfFeature.NetfilterLink))]
    [TestCase(ProgramType.Syscall, default(AttachType), nameof(BpfFeature.SyscallProgram))]
    [TestCase(ProgramType.Tracing, AttachType.TraceIterator, nameof(BpfFeature.Iterator))]
    [TestCase(ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetPeername, nameof(BpfFeature.GetPeernameHook))]
    [TestCase(ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetSockname, nameof(BpfFeature.GetSocknameHook))]
    [TestCase(ProgramType.CgroupSockAddr, AttachType.CgroupUnixConnect, nameof(BpfFeature.UnixSocketHooks))]
    [TestCase(ProgramType.CgroupSockAddr, AttachType.CgroupUnixGetSockname, nameof(BpfFeature.UnixSocketHooks))]
    [TestCase(ProgramType.Tracing, AttachType.ModifyReturn, nameof(BpfFeature.ModifyReturn))]
    [TestCase(ProgramType.Lsm, AttachType.LsmMac, nameof(BpfFeature.SecurityHooks))]
    [TestCase(ProgramType.Lsm, AttachType.LsmCgroup, nameof(BpfFeature.CgroupSecurityHooks))]
    [TestCase(ProgramType.CgroupSock, AttachType.CgroupInetSockRelease, nameof(BpfFeature.SocketReleaseHook))]
    public void Programs_of_a_kind_that_the_kernel_lacks_name_the_kernel_that_has_it(ProgramType type, AttachType hook, string feature)
    {
        using var play = OldKernel().Play();
        var thrown = Assert.Throws<FeatureNotSupportedException>(() => FakeObjects.Program(type, hook).Dispose());
        Assert.That(thrown!.Feature, Is.SameAs(typeof(BpfFeature).GetProperty(feature)!.GetValue(null)));
    }

    [TestCase(Errno.EINVAL, true)]
    [TestCase(Errno.EFAULT, false)]
    public void Programs_that_may_sleep_name_the_kernel_that_lets_them(object answer, bool isLacking)
    {
        using var play = new FakeKernel().On(BpfCommand.ProgLoad, (void* attr, ref int result) => ((ProgLoadAttr*)attr)->Instructions == 0 ? (Errno)answer : Errno.EINVAL).Play();
        Action load = static () => FakeObjects.Program(ProgramType.Tracing, AttachType.TraceFunctionEntry, ProgramFlags.Sleepable).Dispose();
        if (isLacking)
            AssertLacks(BpfFeature.SleepablePrograms, load);
        else
            Assert.That(load, Throws.TypeOf<BpfException>().With.Message.EndsWith("EINVAL"));
    }

    [TestCase("1: (85) call unknown#187\ninvalid func unknown#187\nprocessed 2 insns\n", true)]
    [TestCase("1: (85) call bpf_set_retval#187\nUnreleased reference id=2 alloc_insn=0\nprocessed 2 insns\n", false)]
    public void A_helper_is_blamed_only_if_the_verifier_stumbled_over_it(string log, bool isBlamed)
    {
        using var play = OldKernel().RefuseProgram(Errno.EINVAL, log).Play();
        Assert.That(
            static () => FakeObjects.Program(ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect).Dispose(),
            isBlamed ? Throws.TypeOf<FeatureNotSupportedException>() : Throws.TypeOf<VerifierException>());
    }

    [Test]
    public void An_invalid_call_to_a_kernel_that_has_the_feature_stays_an_invalid_call()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.EINVAL).FailAlways(BpfCommand.ProgQuery, Errno.ENODEV);
        using var play = kernel.Play();
        using var classifier = FakeObjects.Program();
        var thrown = Assert.Throws<BpfException>(() => TcxLink.Attach(classifier, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress }).Dispose());
        Assert.That(thrown!.Errno, Is.EqualTo(Errno.EINVAL));
    }

    [Test]
    public void Fragments_that_the_kernel_cannot_put_together_name_the_module()
    {
        using var play = new FakeKernel().On(BpfCommand.LinkCreate, static (void* attr, ref int result) =>
            ((LinkCreateAttr*)attr)->NetfilterFamily == 255 ? Errno.EAFNOSUPPORT : Errno.EINVAL).Play();
        using var program = FakeObjects.Program(ProgramType.Netfilter, AttachType.Netfilter);
        BpfException Refused(NetfilterLinkOptions options) => Assert.Throws<BpfException>(() => NetfilterLink.Attach(program, options).Dispose())!;
        var options = new NetfilterLinkOptions { Family = NetfilterFamily.IPv6, Hook = NetfilterHook.LocalIn, Priority = 1 };
        Assert.That(Refused(options with { Defragment = true }).Message, Does.Contain("EINVAL (putting fragments together needs the module nf_defrag_ipv6"));
        Assert.That(Refused(options).Message, Does.EndWith("EINVAL"));
    }

    [Test]
    public void Fragments_on_a_kernel_that_joins_none_name_the_kernel_that_does()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.EINVAL).Play();
        using var program = FakeObjects.Program(ProgramType.Netfilter, AttachType.Netfilter);
        var options = new NetfilterLinkOptions { Family = NetfilterFamily.IPv6, Hook = NetfilterHook.LocalIn, Priority = 1, Defragment = true };
        AssertLacks(BpfFeature.NetfilterDefragmentation, () => NetfilterLink.Attach(program, options).Dispose());
    }

    // A distribution may have taken over something of a newer kernel, and not what came with it.
    [Test]
    public void A_feature_is_asked_for_itself()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.LinkDetach, Errno.EBADF).FailAlways(BpfCommand.LinkCreate, Errno.EINVAL);
        using (kernel.Play())
            Assert.That((BpfFeature.XdpLink.Probe(), BpfFeature.UserRingBuffers.Probe()), Is.EqualTo((false, true)));
        kernel = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.EOPNOTSUPP).RefuseMaps(default, MapType.UserRingBuffer);
        using (kernel.Play())
            Assert.That((BpfFeature.XdpLink.Probe(), BpfFeature.UserRingBuffers.Probe()), Is.EqualTo((true, false)));
        kernel = new FakeKernel().FailAlways(BpfCommand.IterCreate, Errno.EBADF).FailAlways(BpfCommand.LinkCreate, Errno.E2BIG);
        using (kernel.Play())
            Assert.That(BpfFeature.IteratorTargets.Probe(), Is.False, "although it has user ring buffers");
    }

    [Test]
    public void A_call_that_is_too_long_is_told_from_a_map_that_is_full()
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.LinkCreate, Errno.E2BIG).FailAlways(BpfCommand.MapUpdateElem, Errno.E2BIG).Play();
        using var classifier = FakeObjects.Program();
        using var map = FakeObjects.Hash();
        Assert.That(
            () => TcxLink.Attach(classifier, new() { InterfaceIndex = 1, Direction = TcxDirection.Ingress }).Dispose(),
            Throws.TypeOf<BpfException>().With.Message.EndsWith("E2BIG (the call is larger than this kernel knows)"));
        Assert.That(() => map.AsHash<uint, ulong>().Set(1, 2), Throws.TypeOf<BpfException>().With.Message.EndsWith("E2BIG (the map is full)"));
    }

    [Test]
    public void Nothing_is_probed_while_nothing_fails()
    {
        var kernel = new FakeKernel();
        using var play = kernel.Play();
        using (FakeObjects.Hash())
        using (FakeObjects.Program())
            Assert.That(kernel.Calls, Is.EqualTo([BpfCommand.MapCreate, BpfCommand.ObjGetInfoByFd, BpfCommand.ProgLoad]));
    }

    private static FakeKernel OldKernel() => new FakeKernel { Kernel = "5.4" }
        .FailAlways(BpfCommand.ProgLoad, Errno.EINVAL).FailAlways(BpfCommand.LinkCreate, Errno.EINVAL).FailAlways(BpfCommand.MapFreeze, Errno.EINVAL)
        .RefuseMaps(MapFlags.ReadOnlyForPrograms | MapFlags.Mappable | MapFlags.InnerMap, MapType.RingBuffer, MapType.UserRingBuffer);

    private static void AssertLacks(BpfFeature feature, Action call) =>
        Assert.That(Assert.Throws<FeatureNotSupportedException>(call)!.Feature, Is.SameAs(feature));
}
