using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Structs that cross the boundary of the kernel lie as the running kernel's own types say.</summary>
[TestFixture]
[MinimumKernel("6.10", "the youngest of the fields")]
internal sealed partial class KernelLayoutTests
{
    /// <summary>Names in C, where they are not those of C# in small letters.</summary>
    private static readonly Dictionary<string, string> s_names = new()
    {
        ["MapElementAttr.ValueOrNextKey"] = "value",
        ["MapBatchAttr.ElementFlags"] = "elem_flags",
        ["MapCreateAttr.Name"] = "map_name",
        ["MapCreateAttr.IfIndex"] = "map_ifindex",
        ["ProgLoadAttr.InstructionCount"] = "insn_cnt",
        ["ProgLoadAttr.Instructions"] = "insns",
        ["ProgLoadAttr.LogBuffer"] = "log_buf",
        ["ProgLoadAttr.KernelVersion"] = "kern_version",
        ["ProgLoadAttr.Name"] = "prog_name",
        ["ProgLoadAttr.IfIndex"] = "prog_ifindex",
        ["ProgLoadAttr.BtfFd"] = "prog_btf_fd",
        ["ProgLoadAttr.FuncInfoRecordSize"] = "func_info_rec_size",
        ["ProgLoadAttr.FuncInfoCount"] = "func_info_cnt",
        ["ProgLoadAttr.LineInfoRecordSize"] = "line_info_rec_size",
        ["ProgLoadAttr.LineInfoCount"] = "line_info_cnt",
        ["BtfLoadAttr.LogBuffer"] = "btf_log_buf",
        ["BtfLoadAttr.LogSize"] = "btf_log_size",
        ["BtfLoadAttr.LogLevel"] = "btf_log_level",
        ["ObjAttr.Path"] = "pathname",
        ["InfoAttr.InfoLength"] = "info_len",
        ["GetByIdAttr.Id"] = "start_id",
        ["LinkCreateAttr.IterInfoLength"] = "iter_info_len",
        ["LinkCreateAttr.RelativeFd"] = "tcx.relative_fd",
        ["LinkCreateAttr.ExpectedRevision"] = "tcx.expected_revision",
        ["LinkCreateAttr.Cookie"] = "perf_event.bpf_cookie",
        ["LinkCreateAttr.NetfilterFamily"] = "netfilter.pf",
        ["LinkCreateAttr.NetfilterHook"] = "netfilter.hooknum",
        ["LinkCreateAttr.NetfilterPriority"] = "netfilter.priority",
        ["LinkCreateAttr.NetfilterFlags"] = "netfilter.flags",
        ["ProgQueryAttr.ProgCount"] = "prog_cnt",
        ["IterLinkInfo.MapFd"] = "map.map_fd",
        ["IterLinkInfo.ThreadId"] = "task.tid",
        ["IterLinkInfo.ProcessId"] = "task.pid",
        ["IterLinkInfo.CgroupOrder"] = "cgroup.order",
        ["IterLinkInfo.CgroupFd"] = "cgroup.cgroup_fd",
        ["ProgTestRunAttr.ReturnValue"] = "retval",
        ["ProgTestRunAttr.ContextSizeIn"] = "ctx_size_in",
        ["ProgTestRunAttr.ContextSizeOut"] = "ctx_size_out",
        ["ProgTestRunAttr.ContextIn"] = "ctx_in",
        ["ProgTestRunAttr.ContextOut"] = "ctx_out",
        ["PerfEventAttr.PeriodOrFrequency"] = "sample_period",
        ["PerfEventAttr.Bits"] = "disabled",
        ["PerfEventAttr.BreakpointType"] = "bp_type",
        ["RawMapInfo.IfIndex"] = "ifindex",
        ["RawProgramInfo.JitedLength"] = "jited_prog_len",
        ["RawProgramInfo.XlatedLength"] = "xlated_prog_len",
        ["RawProgramInfo.JitedInstructions"] = "jited_prog_insns",
        ["RawProgramInfo.XlatedInstructions"] = "xlated_prog_insns",
        ["RawProgramInfo.MapCount"] = "nr_map_ids",
        ["RawProgramInfo.IfIndex"] = "ifindex",
        ["RawProgramInfo.JitedSymbolCount"] = "nr_jited_ksyms",
        ["RawProgramInfo.JitedFuncCount"] = "nr_jited_func_lens",
        ["RawProgramInfo.JitedSymbols"] = "jited_ksyms",
        ["RawProgramInfo.JitedFuncLengths"] = "jited_func_lens",
        ["RawProgramInfo.FuncInfoRecordSize"] = "func_info_rec_size",
        ["RawProgramInfo.FuncInfoCount"] = "nr_func_info",
        ["RawProgramInfo.LineInfoCount"] = "nr_line_info",
        ["RawProgramInfo.JitedLineInfoCount"] = "nr_jited_line_info",
        ["RawProgramInfo.LineInfoRecordSize"] = "line_info_rec_size",
        ["RawProgramInfo.JitedLineInfoRecordSize"] = "jited_line_info_rec_size",
        ["RawProgramInfo.TagCount"] = "nr_prog_tags",
        ["RawProgramInfo.Tags"] = "prog_tags",
        ["RawProgramInfo.RunTimeNanoseconds"] = "run_time_ns",
        ["RawProgramInfo.RunCount"] = "run_cnt",
        ["RawProgramDetails.VerifiedInstructions"] = "verified_insns",
        ["RawProgramDetails.AttachBtfObjectId"] = "attach_btf_obj_id",
        ["RawBtfInfo.NameLength"] = "name_len",
        ["RawBtfInfo.IsKernel"] = "kernel_btf",
        ["RawLinkInfo.CgroupId"] = "cgroup.cgroup_id",
        ["RawLinkInfo.CgroupAttachType"] = "cgroup.attach_type",
        ["RawLinkInfo.InterfaceIndex"] = "tcx.ifindex",
        ["RawLinkInfo.TcxAttachType"] = "tcx.attach_type",
        ["RawLinkInfo.NetfilterFamily"] = "netfilter.pf",
        ["RawLinkInfo.NetfilterHook"] = "netfilter.hooknum",
        ["RawLinkInfo.NetfilterPriority"] = "netfilter.priority",
        ["RawLinkInfo.NetfilterFlags"] = "netfilter.flags",
        ["RawLinkInfo.NamespaceInode"] = "netns.netns_ino",
        ["RawLinkInfo.NamespaceAttachType"] = "netns.attach_type",
        ["RawLinkInfo.PerfEventKind"] = "perf_event.type",
        ["RawLinkInfo.PerfConfig"] = "perf_event.event.config",
        ["RawLinkInfo.PerfType"] = "perf_event.event.type",
        ["RawLinkInfo.IterMapId"] = "iter.map.map_id",
        ["RawLinkInfo.IterThreadId"] = "iter.task.tid",
        ["RawLinkInfo.IterProcessId"] = "iter.task.pid",
        ["RawLinkInfo.IterCgroupId"] = "iter.cgroup.cgroup_id",
    };

    private static readonly TestCaseData[] s_structs =
    [
        Case<RawMapInfo>("bpf_map_info"),
        Case<RawProgramInfo>("bpf_prog_info"),
        Case<RawProgramDetails>("bpf_prog_info"),
        Case<RawBtfInfo>("bpf_btf_info"),
        Case<RawLinkInfo>("bpf_link_info"),
        Case<IterLinkInfo>("bpf_iter_link_info"),
        Case<PerfEventAttr>("perf_event_attr"),
        Case<MapCreateAttr>("bpf_attr"),
        Case<MapElementAttr>("bpf_attr"),
        Case<MapFreezeAttr>("bpf_attr"),
        Case<MapBatchAttr>("bpf_attr", "batch."),
        Case<ProgLoadAttr>("bpf_attr"),
        Case<BtfLoadAttr>("bpf_attr"),
        Case<ObjAttr>("bpf_attr"),
        Case<InfoAttr>("bpf_attr", "info."),
        Case<GetByIdAttr>("bpf_attr"),
        Case<LinkCreateAttr>("bpf_attr", "link_create."),
        Case<LinkUpdateAttr>("bpf_attr", "link_update."),
        Case<LinkDetachAttr>("bpf_attr", "link_detach."),
        Case<EnableStatsAttr>("bpf_attr", "enable_stats."),
        Case<ProgQueryAttr>("bpf_attr", "query."),
        Case<IterCreateAttr>("bpf_attr", "iter_create."),
        Case<ProgTestRunAttr>("bpf_attr", "test."),
        Case<RawTracepointOpenAttr>("bpf_attr", "raw_tracepoint."),
    ];

    [TestCaseSource(nameof(s_structs))]
    public void A_field_lies_where_the_kernel_has_it(Type ours, string kernelType, string part)
    {
        var types = KernelBtf.Running.Types;
        var type = types.Find(kernelType == "bpf_attr" || kernelType == "bpf_iter_link_info" ? BtfKind.Union : BtfKind.Struct, Encoding.UTF8.GetBytes(kernelType));
        Assert.That(type.Id, Is.Not.Zero);
        var kernel = FieldsOf(types, type, "", 0).ToLookup(static f => f.Name, static f => f.Place);
        Assert.Multiple(() =>
        {
            foreach (var field in ours.GetFields(BindingFlags.Instance | BindingFlags.Public).Where(static f => f.Name is not ("Pad" or "Start")))
            {
                var name = part + (s_names.TryGetValue($"{ours.Name}.{field.Name}", out var other) ? other : Capital().Replace(field.Name, "_$0").TrimStart('_').ToLowerInvariant());
                var place = ((uint)Marshal.OffsetOf(ours, field.Name), SizeOf(field.FieldType));
                Assert.That(kernel[name], Does.Contain(place), $"{ours.Name}.{field.Name} as {name}"); // commands may share a name
            }
        });
    }

    [Test]
    public void Every_other_name_is_that_of_a_field() =>
        Assert.That(
            s_names.Keys,
            Is.SubsetOf(s_structs.Select(static c => (Type)c.Arguments[0]!).SelectMany(static t => t.GetFields().Select(f => $"{t.Name}.{f.Name}"))));

    private static TestCaseData Case<T>(string kernelType, string part = "") => new TestCaseData(typeof(T), kernelType, part).SetArgDisplayNames(typeof(T).Name);

    private static uint SizeOf(Type type) => type == typeof(ulong) ? 8U : type == typeof(uint) || type == typeof(int) ? 4U : (uint)Marshal.SizeOf(type);

    // Those of structs without a name count as the outer one's.
    private static IEnumerable<(string Name, (uint Offset, uint Size) Place)> FieldsOf(BtfIndex types, BtfRecord type, string prefix, uint start)
    {
        for (var i = 0; i < type.Count; i++)
        {
            var field = type.Field(i);
            var name = prefix + Encoding.UTF8.GetString(type.NameOf(in field));
            var inner = types.Resolve(field.Type);
            var offset = start + (field.BitOffset / 8);
            if (field.NameOffset != 0)
                yield return (name, (offset, types.SizeOf(field.Type))); // of a bit field its word
            if (!inner.IsComposite)
                continue;
            foreach (var below in FieldsOf(types, inner, field.NameOffset == 0 ? prefix : name + ".", offset))
                yield return below;
        }
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
